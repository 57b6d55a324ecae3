/**
 * Reads a bundle, trusting nothing in it: first the signed index, then exactly the files it lists, in its
 * order, each checked against its hash and its header before it is kept. Nothing is kept of a bundle that
 * fails anywhere.
 */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type Extract, extract } from 'tar-stream'
import type { z } from 'zod'
import { readPublicKey } from '../../assurance/signing.ts'
import { AppError } from '../../errors.ts'
import type { ModelFiles, ReceivedModelFile } from '../files.ts'
import { type Manifest, packageHash, requireWeights } from '../manifest.ts'
import {
  type BundleIndex,
  bomName,
  bundleIndexSchema,
  bundleSignatureSchema,
  canonicalIndex,
  filePath,
} from './format.ts'

type Entry = Extract extends AsyncIterable<infer E> ? E : never

export interface ReadBundle {
  index: BundleIndex
  /** Who made the bundle. */
  signer: { fingerprint: string; publicKey: string }
  files: ReceivedModelFile[]
}

const indexBytesMax = 32 * 2 ** 20
const bomBytesMax = 64 * 2 ** 20

/**
 * `trust` is asked who made the bundle before any file is read; it throws to refuse. The files are received,
 * not yet kept: the caller keeps them with what it registers, or discards them.
 */
export async function readBundle(
  content: Readable,
  files: ModelFiles,
  trust: (signer: ReadBundle['signer']) => void,
): Promise<ReadBundle> {
  const archive = extract()
  const left = (cause?: unknown) => {
    if (content.readableEnded) return
    archive.destroy(new AppError('cancelled', 'The bundle did not arrive whole.', { cause }))
  }
  content.once('error', left).once('close', left).pipe(archive)
  const received: ReceivedModelFile[] = []
  try {
    const entries = archive[Symbol.asyncIterator]()
    const index = await readIndex(await next(entries, 'bundle.json'))
    const signer = await readSignature(await next(entries, 'bundle.sig.json'), index)
    trust(signer)
    await checkBom(await next(entries, bomName), index)
    for (const expected of index.files) {
      const entry = await next(entries, filePath(expected.sha256), expected.sizeBytes)
      const file = await files.receive(wholeEntry(entry))
      received.push(file)
      if (file.sha256 !== expected.sha256) {
        throw damaged(`the file ${expected.sha256.slice(0, 12)} is not the one that was signed for`)
      }
    }
    const more = await entries.next()
    if (!more.done) throw damaged(`it holds more than it lists: "${shown(more.value.header.name)}"`)
    const bySha256 = new Map(received.map((file) => [file.sha256, file]))
    for (const { manifest } of index.packages) checkFormats(manifest, bySha256)
    return { index, signer, files: received }
  } catch (error) {
    content.off('close', left)
    await Promise.all(received.map((file) => file.discard()))
    archive.destroy()
    // What still comes is let through, so that the sender gets to read the answer.
    content.unpipe(archive).resume()
    throw error instanceof AppError
      ? error
      : damaged('the archive is malformed or cut short', error)
  }
}

function damaged(reason: string, cause?: unknown): AppError {
  return new AppError(
    'unreadable_file',
    `The bundle was refused: ${reason}. Nothing of it was kept. Copy it again, or ask its maker.`,
    { cause },
  )
}

/** A name as it may be shown: what looks like another letter, or like none, is spelled out. */
function shown(name: string): string {
  return name.slice(0, 200).replace(/[^ -~]/gu, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`
  })
}

/** The next entry, if it is the plain file that must come next. Names are compared byte by byte. */
async function next(
  entries: AsyncIterator<Entry>,
  name: string,
  sizeBytes?: number,
): Promise<Entry> {
  const { done, value: entry } = await entries.next()
  if (done) throw damaged(`it ends before ${name}`)
  const { header } = entry
  if (header.name !== name) throw damaged(`it holds "${shown(header.name)}" where ${name} must be`)
  if (header.type !== 'file') throw damaged(`${name} is a ${header.type}, not a file`)
  // tar-stream reads a number it cannot read as none, and then waits for ever for the entry's end.
  if (typeof header.size !== 'number') throw damaged(`${name} has no size`)
  if (sizeBytes !== undefined && header.size !== sizeBytes) {
    throw damaged(`${name} has ${header.size} bytes instead of ${sizeBytes}`)
  }
  return entry
}

/** An entry's bytes; an archive that breaks within is damaged, not a failure of the server. */
async function* wholeEntry(entry: Entry): AsyncGenerator<Uint8Array> {
  try {
    yield* entry as AsyncIterable<Uint8Array>
  } catch (error) {
    throw error instanceof AppError ? error : damaged('the archive is cut short', error)
  }
}

async function bytesOf(entry: Entry, bytesMax: number): Promise<Buffer> {
  if ((entry.header.size ?? 0) > bytesMax) throw damaged(`${entry.header.name} is too large`)
  const chunks: Buffer[] = []
  for await (const chunk of entry) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function jsonOf<T extends z.ZodType>(entry: Entry, schema: T): Promise<z.infer<T>> {
  const { name } = entry.header
  const bytes = await bytesOf(entry, indexBytesMax)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw damaged(`${name} is not JSON`, error)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw damaged(`${name}: ${issue?.path.join('.')}: ${issue?.message}`)
}

async function readIndex(entry: Entry): Promise<BundleIndex> {
  const index = await jsonOf(entry, bundleIndexSchema)
  const listed = new Map(index.files.map((file) => [file.sha256, file.sizeBytes]))
  if (listed.size !== index.files.length) throw damaged('it lists a file twice')
  for (const { hash, manifest } of index.packages) {
    if (packageHash(manifest) !== hash) throw damaged(`the package ${manifest.name} was changed`)
    // Naming an address to connect to takes an administrator, and is no matter of files.
    if (manifest.engine === 'remote') throw damaged(`${manifest.name} is a remote model`)
    for (const file of manifest.files) {
      if (listed.get(file.sha256) === file.sizeBytes) continue
      throw damaged(`${file.path} of ${manifest.name} is not in it`)
    }
  }
  return index
}

/** What a manifest says of its files is what policies are applied to: it must be what they are. */
function checkFormats(manifest: Manifest, received: ReadonlyMap<string, ReceivedModelFile>): void {
  for (const { path, sha256, format } of manifest.files) {
    const found = received.get(sha256)?.facts.format
    if (found !== format) {
      throw damaged(`${path} of ${manifest.name} is in the format ${found}, not ${format}`)
    }
  }
  requireWeights(manifest)
}

async function readSignature(entry: Entry, index: BundleIndex): Promise<ReadBundle['signer']> {
  const { fingerprint, publicKey, signature } = await jsonOf(entry, bundleSignatureSchema)
  const key = readPublicKey(publicKey)
  const holds =
    key.fingerprint === fingerprint &&
    key.verify(canonicalIndex(index), Buffer.from(signature, 'base64'))
  if (!holds) throw damaged('its signature does not hold')
  return { fingerprint, publicKey }
}

async function checkBom(entry: Entry, index: BundleIndex): Promise<void> {
  const bytes = await bytesOf(entry, bomBytesMax)
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (hash !== index.bom) throw damaged('the bill of materials was changed')
}
