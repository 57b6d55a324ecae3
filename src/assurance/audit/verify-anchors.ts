/**
 * The anchors of an exported chain, checked with what the verifier brings: keys of second persons,
 * certificates of time-stamping authorities, checkpoints that were written down elsewhere.
 */
import { AppError } from '../../errors.ts'
import {
  type AnchorLine,
  type CheckpointLine,
  type CheckpointNote,
  checkpointText,
  fromBase64,
  utf8,
} from './layout.ts'
import type { VerifierTools } from './verifier-tools.ts'

/** What the verifier knows from elsewhere than the file. */
export interface Independent {
  /** Public keys of second persons: each must have countersigned. */
  witnesses: readonly string[]
  /** PEM certificates of time-stamping authorities: one of them must have vouched. */
  authorities: readonly string[]
  /** Checkpoints written down elsewhere: each must be of this chain. */
  notes: readonly CheckpointNote[]
}

export const nothingIndependent: Independent = { witnesses: [], authorities: [], notes: [] }

export interface AnchorReport {
  /** Per key that countersigned: up to which record, and whether the verifier brought the key. */
  countersigned: { fingerprint: string; seq: number; independent: boolean }[]
  /** The latest time-stamp of each authority. */
  timestamps: { authority: string; at: string; seq: number; trusted: boolean }[]
  /** Time-stamps that there were no means to check. */
  unchecked: number
  /** Checkpoints from elsewhere that were found to be of this chain. */
  notes: number
}

/** Throws a message through `refuse` when an anchor does not hold. */
export type Refuse = (seq: number, message: string) => never

export async function createAnchorCheck(
  organisation: string,
  known: Independent,
  tools: VerifierTools,
  refuse: Refuse,
) {
  const witnesses = await Promise.all(known.witnesses.map(tools.readPublicKey))
  const notes = new Map<number, CheckpointNote[]>()
  for (const note of known.notes) {
    if (note.organisation !== organisation) continue
    notes.set(note.seq, [...(notes.get(note.seq) ?? []), note])
  }
  const expected = [...notes.values()].reduce((sum, some) => sum + some.length, 0)
  const countersigned = new Map<string, AnchorReport['countersigned'][number]>()
  const timestamps = new Map<string, AnchorReport['timestamps'][number]>()
  let notesMet = 0
  let unchecked = 0

  async function countersignature(line: AnchorLine, statement: Uint8Array): Promise<void> {
    const key = await tools.readPublicKey(line.made_by)
    if (!(await key.verify(statement, fromBase64(line.evidence)))) {
      refuse(line.seq, `The countersignature at record ${line.seq} is not over these records.`)
    }
    const { fingerprint } = key
    const independent = witnesses.some((one) => one.fingerprint === fingerprint)
    countersigned.set(fingerprint, { fingerprint, seq: line.seq, independent })
  }

  async function timestamp(line: AnchorLine, statement: Uint8Array): Promise<void> {
    const evidence = fromBase64(line.evidence)
    if (!tools.checkTimestamp) {
      unchecked += 1
      return
    }
    try {
      const checked = await tools.checkTimestamp(evidence, statement, known.authorities)
      const { authority, trusted, at } = checked
      timestamps.set(checked.fingerprint, {
        authority,
        at: at.toISOString(),
        seq: line.seq,
        trusted,
      })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      refuse(line.seq, `The time-stamp at record ${line.seq}: ${error.message}`)
    }
  }

  return {
    /** Called at every record, with the root over the records so far where it is asked for. */
    async reached(seq: number, root: () => Promise<string>): Promise<void> {
      for (const note of notes.get(seq) ?? []) {
        if (note.root !== (await root())) {
          refuse(seq, `Record ${seq} and those before it are not what was written down elsewhere.`)
        }
        notesMet += 1
      }
    },
    async anchor(line: AnchorLine, checkpoint: CheckpointLine | null): Promise<void> {
      if (checkpoint?.seq !== line.seq) {
        return refuse(line.seq, `An anchor at record ${line.seq} stands apart from its checkpoint.`)
      }
      const { seq, root, signed_at } = checkpoint
      const statement = utf8(checkpointText(organisation, seq, root, signed_at))
      if (line.kind === 'countersignature') await countersignature(line, statement)
      else await timestamp(line, statement)
    },
    /** At the end: everything the verifier brought must have been met. */
    end(size: number): AnchorReport {
      for (const { fingerprint } of witnesses) {
        if (countersigned.has(fingerprint)) continue
        refuse(size, `Nothing here was countersigned with the key ${fingerprint}.`)
      }
      const trusted = [...timestamps.values()].some((one) => one.trusted)
      if (known.authorities.length > 0 && !trusted) {
        refuse(size, 'Nothing here was time-stamped by an authority you trust.')
      }
      // A rewritten chain may say it is another organisation's, so that no note is of it.
      if (known.notes.length > 0 && expected === 0) {
        refuse(size, 'What was written down elsewhere is of another organisation than this chain.')
      }
      if (notesMet < expected) {
        refuse(size, `The records go less far than what was written down elsewhere.`)
      }
      return {
        countersigned: [...countersigned.values()],
        timestamps: [...timestamps.values()],
        unchecked,
        notes: notesMet,
      }
    },
  }
}
