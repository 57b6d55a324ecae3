/** Anchors the chain by itself, as the settings say: to a folder, and with a time-stamping authority. */
import type { Clock } from '../../clock.ts'
import type { Egress } from '../../egress.ts'
import { toAppError } from '../../errors.ts'
import type { Database } from '../../store/database.ts'
import type { SigningKey } from '../signing.ts'
import { type Anchor, timestampCheckpoint, writeAnchorFile } from './anchors.ts'
import { makeCheckpoint } from './store.ts'

export interface AnchoringParts {
  db: Database
  key: SigningKey
  egress: Egress
  clock: Clock
  /** Folder on a share; empty: none. */
  folder: string
  /** Address of a time-stamping authority; empty: none. */
  timestampUrl: string
}

export interface Anchored {
  seq: number
  made: Anchor[]
  /** What could not be made, in words. */
  failures: string[]
}

/** Anchors the head of a chain now. Null when nothing came since the last time, or nothing is set. */
export async function anchorHead(
  parts: AnchoringParts,
  organisationId: string,
): Promise<Anchored | null> {
  const { db, key, egress, clock, folder, timestampUrl } = parts
  if (!folder && !timestampUrl) return null
  const now = new Date(clock.now())
  const checkpoint = await makeCheckpoint(db, organisationId, key, now)
  if (!checkpoint) return null
  const known = await db
    .selectFrom('audit_anchors')
    .select('kind')
    .where('organisation_id', '=', organisationId)
    .where('seq', '=', checkpoint.seq)
    .execute()
  const has = (kind: Anchor['kind']) => known.some((anchor) => anchor.kind === kind)
  const wanted: Promise<Anchor>[] = []
  if (folder && !has('file')) wanted.push(writeAnchorFile(db, checkpoint, folder, now))
  if (timestampUrl && !has('timestamp')) {
    wanted.push(timestampCheckpoint(db, checkpoint, { egress, url: timestampUrl }))
  }
  if (wanted.length === 0) return null
  const settled = await Promise.allSettled(wanted)
  return {
    seq: checkpoint.seq,
    made: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    failures: settled.flatMap((one) => (one.status === 'rejected' ? [reasonOf(one.reason)] : [])),
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = toAppError(error)
  return code === 'internal' && error instanceof Error ? error.message : message
}
