/**
 * Verifies an exported audit chain with nothing but the public key. Names the first record that was
 * changed, removed, added or put in another place. Digests and signatures are checked with what it is
 * handed: Node's crypto here (`verify.ts`), WebCrypto in a browser.
 */
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import {
  canonicalJson,
  checkpointText,
  endText,
  exportFormat,
  fromBase64,
  hexOf,
  leafMark,
  linkBytes,
  mergesAt,
  nodeMark,
  placeBytes,
  utf8,
} from './layout.ts'
import type { VerifierKey, VerifierTools } from './verifier-tools.ts'
import { type AnchorReport, createAnchorCheck, type Independent } from './verify-anchors.ts'

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
export async function walkExport(
  lines: AsyncIterable<string>,
  publicKeyText: string | null,
  independent: Independent,
  tools: VerifierTools,
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
  const key = await tools.readPublicKey(publicKeyText ?? header.public_key)
  const result: Verification = {
    intact: true,
    records: 0,
    checkpoints: 0,
    organisation: header.organisation,
    fingerprint: key.fingerprint,
    keyIsIndependent: publicKeyText !== null,
    anchors: { countersigned: [], timestamps: [], unchecked: 0, notes: 0 },
    problem: null,
  }
  try {
    await walkChain({ header, key, next, result, independent, tools })
  } catch (error) {
    if (!(error instanceof ProblemFound)) throw error
    result.intact = false
    result.problem = error.problem
  }
  return result
}

interface Walk {
  header: Header
  key: VerifierKey
  next: () => Promise<Line | null>
  result: Verification
  independent: Independent
  tools: VerifierTools
}

async function walkChain(walk: Walk): Promise<void> {
  const { header, key, next, result, independent, tools } = walk
  const refuse = (seq: number, message: string) => found('anchor', seq, message)
  const anchors = await createAnchorCheck(header.organisation, independent, tools, refuse)
  let checkpoint: Extract<Line, { type: 'checkpoint' }> | null = null
  const tree = createTree(tools)
  let link: Uint8Array = new Uint8Array(linkBytes)
  let covered = 0
  let ended = false
  for (let line = await next(); line; line = await next()) {
    if (ended) found('added', tree.size() + 1, 'There are lines after the signed end.')
    if (line.type === 'record') {
      const expected = tree.size() + 1
      if (line.seq !== expected) await nameMisplaced(line, expected, next)
      const computed = await linkAfter(tools, link, line.seq, line)
      if (hexOf(computed) !== line.link) await nameBroken(line, link, walk)
      link = computed
      await tree.add(link)
      result.records += 1
      await anchors.reached(line.seq, tree.root)
    } else if (line.type === 'checkpoint') {
      await checkCheckpoint(header, key, line, tree.size(), await tree.root())
      covered = line.seq
      checkpoint = line
      result.checkpoints += 1
    } else if (line.type === 'anchor') {
      await anchors.anchor(line, checkpoint)
    } else if (line.type === 'end') {
      await checkEnd(header, key, line, tree.size())
      ended = true
    } else {
      throw new AppError('invalid_request', 'The file has two headers.')
    }
  }
  const size = tree.size()
  if (!ended) found('removed', size + 1, 'The signed end is missing: the file was cut off.')
  if (covered < size) {
    found('added', covered + 1, `Records after ${covered} are covered by no signed checkpoint.`)
  }
  checkHeader(header, key)
  result.anchors = anchors.end(size)
}

/** The Merkle tree over the links, of which only the roots of its perfect subtrees are kept. */
function createTree({ sha256 }: VerifierTools) {
  const roots: Uint8Array[] = []
  let size = 0
  return {
    size: () => size,
    async add(link: Uint8Array): Promise<void> {
      let root = await sha256(leafMark, link)
      for (let merges = mergesAt(size); merges > 0; merges--) {
        root = await sha256(nodeMark, roots.pop()!, root)
      }
      roots.push(root)
      size += 1
    },
    async root(): Promise<string> {
      let right = roots.at(-1) ?? (await sha256())
      for (const left of roots.slice(0, -1).reverse()) right = await sha256(nodeMark, left, right)
      return hexOf(right)
    },
  }
}

/** The link a record has at a place, if what stands before it is `previous`. */
async function linkAfter(
  { sha256 }: VerifierTools,
  previous: Uint8Array,
  seq: number,
  line: RecordLine,
): Promise<Uint8Array> {
  return sha256(previous, placeBytes(seq), await sha256(utf8(textOf(line))))
}

/** A record with half of a surrogate pair has no canonical form, so none was ever written. */
function textOf({ seq, record }: RecordLine): string {
  try {
    return canonicalJson(record)
  } catch {
    found('changed', seq, `Record ${seq} holds what no record can hold: it was changed.`)
  }
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
  previous: Uint8Array,
  { next, tools }: Walk,
): Promise<never> {
  let later = await next()
  while (later && later.type !== 'record') later = await next()
  if (later) {
    const successor = await linkAfter(tools, previous, line.seq, later)
    if (hexOf(successor) === later.link) {
      const own = await linkAfter(tools, successor, later.seq, line)
      if (hexOf(own) === line.link) {
        found('reordered', line.seq, `Records ${line.seq} and ${later.seq} changed places.`)
      }
      found('added', line.seq, `Record ${line.seq} was put in; the one after it is the true one.`)
    }
  }
  found('changed', line.seq, `Record ${line.seq} does not match its link: it was changed.`)
}

/** No signature covers the header; what it says must be what signed lines and the key say. */
function checkHeader(header: Header, key: VerifierKey): void {
  const named = header.fingerprint === key.fingerprint && header.public_key === key.spki
  if (!named) found('changed', 0, 'The header names another key than the one that signed.')
}

async function checkCheckpoint(
  header: Header,
  key: VerifierKey,
  line: Extract<Line, { type: 'checkpoint' }>,
  size: number,
  root: string,
): Promise<void> {
  const { seq, root: signed, signed_at: at, signature } = line
  const statement = utf8(checkpointText(header.organisation, seq, signed, at))
  if (!(await key.verify(statement, fromBase64(signature)))) {
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

async function checkEnd(
  header: Header,
  key: VerifierKey,
  line: Extract<Line, { type: 'end' }>,
  size: number,
): Promise<void> {
  const statement = utf8(endText(header.organisation, line.seq, line.exported_at))
  if (!(await key.verify(statement, fromBase64(line.signature)))) {
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
