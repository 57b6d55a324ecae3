/**
 * Verifies an exported audit chain with nothing but the public key. Names the first record that was
 * changed, removed, added or put in another place.
 */
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { type PublicKey, readPublicKey } from '../signing.ts'
import {
  appendLink,
  canonicalJson,
  emptyFrontier,
  firstLink,
  merkleRoot,
  nextLink,
  recordDigest,
} from './chain.ts'
import { endStatement, exportFormat } from './export.ts'
import { checkpointStatement } from './store.ts'
import {
  type AnchorReport,
  createAnchorCheck,
  type Independent,
  nothingIndependent,
} from './verify-anchors.ts'

export interface Problem {
  /** The record's number; for a checkpoint, the number it covers up to. */
  seq: number
  kind: 'changed' | 'removed' | 'added' | 'reordered' | 'checkpoint' | 'anchor'
  message: string
}

export interface Verification {
  intact: boolean
  records: number
  checkpoints: number
  organisation: string
  /** Fingerprint of the key the signatures were checked with. */
  fingerprint: string
  /** Whether the key came from outside the file; if not, only the file's inner truth is shown. */
  keyIsIndependent: boolean
  anchors: AnchorReport
  problem: Problem | null
}

const hex = z.string().regex(/^[0-9a-f]{64}$/)
const seq = z.number().int().min(0)
const lineSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('header'),
    format: z.literal(exportFormat),
    organisation: z.string(),
    public_key: z.string(),
    fingerprint: z.string(),
    exported_at: z.string(),
  }),
  z.strictObject({
    type: z.literal('record'),
    seq,
    record: z.record(z.string(), z.unknown()),
    link: hex,
  }),
  z.strictObject({
    type: z.literal('checkpoint'),
    seq,
    root: hex,
    signed_at: z.string(),
    signature: z.string(),
    fingerprint: z.string(),
  }),
  z.strictObject({
    type: z.literal('anchor'),
    kind: z.enum(['countersignature', 'timestamp']),
    seq,
    made_by: z.string().max(1000),
    evidence: z.string().max(200_000),
  }),
  z.strictObject({ type: z.literal('end'), seq, exported_at: z.string(), signature: z.string() }),
])
type Line = z.infer<typeof lineSchema>
type RecordLine = Extract<Line, { type: 'record' }>
type Header = Extract<Line, { type: 'header' }>

/** Throws `invalid_request` with the line number when the text is no audit export at all. */
function parseLine(text: string, lineNumber: number): Line {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new AppError('invalid_request', `Line ${lineNumber} is not JSON.`, { cause: error })
  }
  const parsed = lineSchema.safeParse(value)
  // Of two equal names a reader sees one; which, only the exact text tells.
  if (parsed.success && JSON.stringify(value) !== text.replace(/\r?\n$/, '')) {
    const message = `Line ${lineNumber} is not written as an export writes it.`
    if (parsed.data.type === 'header') throw new AppError('invalid_request', message)
    found('changed', parsed.data.seq, message)
  }
  // The schema's copy leaves out a field named __proto__; what is checked must be what is there.
  if (parsed.success && parsed.data.type === 'record') {
    return { ...parsed.data, record: (value as RecordLine).record }
  }
  if (parsed.success) return parsed.data
  const reason = parsed.error.issues[0]
  throw new AppError(
    'invalid_request',
    `Line ${lineNumber} is no line of an audit export: ${reason?.path.join('.')} ${reason?.message}`,
  )
}

/** A problem stops the walk; it travels as an exception from wherever it is found. */
class ProblemFound extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

function found(kind: Problem['kind'], seq: number, message: string): never {
  throw new ProblemFound({ seq, kind, message })
}

/** Walks the lines once. `publicKeyText` should come from a source other than the file. */
export async function verifyExport(
  lines: AsyncIterable<string>,
  publicKeyText: string | null,
  independent: Independent = nothingIndependent,
): Promise<Verification> {
  const walk = lines[Symbol.asyncIterator]()
  let lineNumber = 0
  const next = async (): Promise<Line | null> => {
    for (;;) {
      const { value, done } = await walk.next()
      if (done) return null
      lineNumber += 1
      if (value.trim() !== '') return parseLine(value, lineNumber)
    }
  }
  const header = await next()
  if (header?.type !== 'header') {
    throw new AppError('invalid_request', 'The file does not begin with an audit export header.')
  }
  const key = readPublicKey(publicKeyText ?? header.public_key)
  const result: Verification = {
    intact: true,
    records: 0,
    checkpoints: 0,
    organisation: header.organisation,
    fingerprint: key.fingerprint,
    keyIsIndependent: publicKeyText !== null,
    anchors: { countersigned: [], timestamps: [], notes: 0 },
    problem: null,
  }
  try {
    await walkChain(header, key, next, result, independent)
  } catch (error) {
    if (!(error instanceof ProblemFound)) throw error
    result.intact = false
    result.problem = error.problem
  }
  return result
}

async function walkChain(
  header: Header,
  key: PublicKey,
  next: () => Promise<Line | null>,
  result: Verification,
  independent: Independent,
): Promise<void> {
  const anchors = createAnchorCheck(header.organisation, independent, (seq, message) =>
    found('anchor', seq, message),
  )
  let checkpoint: Extract<Line, { type: 'checkpoint' }> | null = null
  const frontier = emptyFrontier()
  let link: Buffer = firstLink
  let covered = 0
  let ended = false
  for (let line = await next(); line; line = await next()) {
    if (ended) found('added', frontier.size + 1, 'There are lines after the signed end.')
    if (line.type === 'record') {
      const expected = frontier.size + 1
      if (line.seq !== expected) await nameMisplaced(line, expected, next)
      const digest = digestOf(line)
      const computed = nextLink(link, line.seq, digest)
      if (computed.toString('hex') !== line.link) await nameBroken(line, link, next)
      link = computed
      appendLink(frontier, link)
      result.records += 1
      anchors.reached(line.seq, () => merkleRoot(frontier).toString('hex'))
    } else if (line.type === 'checkpoint') {
      checkCheckpoint(header, key, line, frontier.size, merkleRoot(frontier).toString('hex'))
      covered = line.seq
      checkpoint = line
      result.checkpoints += 1
    } else if (line.type === 'anchor') {
      await anchors.anchor(line, checkpoint)
    } else if (line.type === 'end') {
      checkEnd(header, key, line, frontier.size)
      ended = true
    } else {
      throw new AppError('invalid_request', 'The file has two headers.')
    }
  }
  if (!ended) {
    found('removed', frontier.size + 1, 'The signed end is missing: the file was cut off.')
  }
  if (covered < frontier.size) {
    found('added', covered + 1, `Records after ${covered} are covered by no signed checkpoint.`)
  }
  checkHeader(header, key)
  result.anchors = anchors.end(frontier.size)
}

/** A record with half of a surrogate pair has no canonical form, so none was ever written. */
function digestOf({ seq, record }: RecordLine): Buffer {
  let text: string
  try {
    text = canonicalJson(record)
  } catch {
    found('changed', seq, `Record ${seq} holds what no record can hold: it was changed.`)
  }
  return recordDigest(text)
}

/** A record that does not stand at its number: is its number's own record elsewhere, or gone? */
async function nameMisplaced(
  line: RecordLine,
  expected: number,
  next: () => Promise<Line | null>,
): Promise<never> {
  if (line.seq < expected) {
    found('added', line.seq, `Record ${line.seq} stands a second time, after ${expected - 1}.`)
  }
  for (let later = await next(); later; later = await next()) {
    if (later.type === 'record' && later.seq === expected) {
      found('reordered', expected, `Record ${expected} stands after record ${line.seq}.`)
    }
  }
  const last = line.seq - 1
  const range = last > expected ? `Records ${expected} to ${last} are` : `Record ${expected} is`
  found('removed', expected, `${range} missing.`)
}

/** A record whose link does not follow: changed, or put in (then its successor follows instead). */
async function nameBroken(
  line: RecordLine,
  previous: Buffer,
  next: () => Promise<Line | null>,
): Promise<never> {
  let later = await next()
  while (later && later.type !== 'record') later = await next()
  if (later) {
    const digest = digestOf(later)
    const successor = nextLink(previous, line.seq, digest)
    if (successor.toString('hex') === later.link) {
      const own = nextLink(successor, later.seq, digestOf(line))
      if (own.toString('hex') === line.link) {
        found('reordered', line.seq, `Records ${line.seq} and ${later.seq} changed places.`)
      }
      found('added', line.seq, `Record ${line.seq} was put in; the one after it is the true one.`)
    }
  }
  found('changed', line.seq, `Record ${line.seq} does not match its link: it was changed.`)
}

/** No signature covers the header; what it says must be what signed lines and the key say. */
function checkHeader(header: Header, key: PublicKey): void {
  const named = header.fingerprint === key.fingerprint && header.public_key === key.spki
  if (!named) found('changed', 0, 'The header names another key than the one that signed.')
}

function checkCheckpoint(
  header: Header,
  key: PublicKey,
  line: Extract<Line, { type: 'checkpoint' }>,
  size: number,
  root: string,
): void {
  const statement = checkpointStatement(header.organisation, line.seq, line.root, line.signed_at)
  if (!key.verify(statement, Buffer.from(line.signature, 'base64'))) {
    found('checkpoint', line.seq, `The signature of checkpoint ${line.seq} is not of this key.`)
  }
  if (line.fingerprint !== key.fingerprint) {
    found('checkpoint', line.seq, `Checkpoint ${line.seq} names another key than signed it.`)
  }
  if (line.seq > size) {
    found(
      'removed',
      size + 1,
      `A checkpoint covers ${line.seq} records, only ${size} stand before it.`,
    )
  }
  if (line.seq < size) {
    found('added', line.seq + 1, `Checkpoint ${line.seq} stands after record ${size}.`)
  }
  if (line.root !== root) {
    found('changed', line.seq, `The records up to ${line.seq} are not those that were signed.`)
  }
}

function checkEnd(
  header: Header,
  key: PublicKey,
  line: Extract<Line, { type: 'end' }>,
  size: number,
): void {
  const statement = endStatement(header.organisation, line.seq, line.exported_at)
  if (!key.verify(statement, Buffer.from(line.signature, 'base64'))) {
    found('checkpoint', line.seq, 'The signature of the end is not of this key.')
  }
  if (line.exported_at !== header.exported_at) {
    found('changed', 0, 'The header says another time of export than the signed end.')
  }
  if (line.seq > size) {
    found('removed', size + 1, `The export had ${line.seq} records, ${size} are left.`)
  }
  if (line.seq < size) {
    found('added', line.seq + 1, `The export had ${line.seq} records, there are ${size}.`)
  }
}
