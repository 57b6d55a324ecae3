/**
 * The audit chain as a file that anyone with the public key can verify offline: JSON lines, a
 * header, records and checkpoints in order, and a signed end, so that a cut-off tail shows.
 */
import type { Database } from '../../store/database.ts'
import type { SigningKey } from '../signing.ts'
import { type Anchor, listAnchors } from './anchors.ts'
import { canonicalJson } from './chain.ts'
import { type Checkpoint, listCheckpoints, makeCheckpoint, readChain } from './store.ts'

export const exportFormat = 'bastide-audit-1'

export interface HeaderLine {
  type: 'header'
  format: typeof exportFormat
  organisation: string
  public_key: string
  fingerprint: string
  exported_at: string
}

export interface CheckpointLine {
  type: 'checkpoint'
  seq: number
  root: string
  signed_at: string
  signature: string
  fingerprint: string
}

/** Evidence about the checkpoint before it, made outside the installation. */
export interface AnchorLine {
  type: 'anchor'
  kind: 'countersignature' | 'timestamp'
  seq: number
  /** Base64 of the second person's public key, or the address of the authority. */
  made_by: string
  /** Base64: an Ed25519 signature, or a TimeStampResp (RFC 3161). */
  evidence: string
}

export interface EndLine {
  type: 'end'
  seq: number
  exported_at: string
  signature: string
}

/** What the end line's signature covers. */
export function endStatement(organisation: string, seq: number, exportedAt: string): Buffer {
  return Buffer.from(
    canonicalJson({ type: 'bastide-audit-end', organisation, seq, exported_at: exportedAt }),
  )
}

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
  const signature = key.sign(endStatement(organisationId, throughSeq, exportedAt))
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
