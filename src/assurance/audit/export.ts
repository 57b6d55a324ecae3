/**
 * The audit chain as a file that anyone with the public key can verify offline: JSON lines, a
 * header, records and checkpoints in order, and a signed end, so that a cut-off tail shows.
 */
import type { Database } from '../../store/database.ts'
import type { SigningKey } from '../signing.ts'
import { type Anchor, listAnchors } from './anchors.ts'
import {
  type AnchorLine,
  type CheckpointLine,
  type EndLine,
  endText,
  exportFormat,
  type HeaderLine,
  utf8,
} from './layout.ts'
import { type Checkpoint, listCheckpoints, makeCheckpoint, readChain } from './store.ts'

/** The lines, each with its line feed. Signs a checkpoint at the head first. */
export async function* exportChain(
  db: Database,
  organisationId: string,
  key: SigningKey,
  now: Date,
): AsyncGenerator<string> {
  await makeCheckpoint(db, organisationId, key, now)
  const checkpoints = await listCheckpoints(db, organisationId)
  const throughSeq = checkpoints.at(-1)?.seq ?? 0
  const anchors = await listAnchors(db, organisationId)
  const exportedAt = now.toISOString()
  const header: HeaderLine = {
    type: 'header',
    format: exportFormat,
    organisation: organisationId,
    public_key: key.publicKey,
    fingerprint: key.fingerprint,
    exported_at: exportedAt,
  }
  yield line(header)
  for await (const record of readChain(db, organisationId, 0, throughSeq)) {
    yield line({
      type: 'record',
      seq: record.seq,
      record: record.body,
      link: record.link.toString('hex'),
    })
    while (checkpoints[0]?.seq === record.seq) {
      yield line(checkpointLine(checkpoints.shift()!))
      while (anchors[0] && anchors[0].seq <= record.seq) yield* anchorLines(anchors.shift()!)
    }
  }
  const signature = key.sign(utf8(endText(organisationId, throughSeq, exportedAt)))
  const end: EndLine = {
    type: 'end',
    seq: throughSeq,
    exported_at: exportedAt,
    signature: signature.toString('base64'),
  }
  yield line(end)
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}

/** A file on a share is evidence where it lies, not in the export. */
function anchorLines({ kind, seq, made_by, evidence }: Anchor): string[] {
  if (kind === 'file') return []
  const anchor: AnchorLine = {
    type: 'anchor',
    kind,
    seq,
    made_by,
    evidence: evidence.toString('base64'),
  }
  return [line(anchor)]
}

function checkpointLine(checkpoint: Checkpoint): CheckpointLine {
  return {
    type: 'checkpoint',
    seq: checkpoint.seq,
    root: checkpoint.root.toString('hex'),
    signed_at: checkpoint.signed_at.toISOString(),
    signature: checkpoint.signature.toString('base64'),
    fingerprint: checkpoint.fingerprint,
  }
}
