/**
 * Model files by content hash, as they are, so that engines can map them. Nothing a user names
 * becomes part of a path. A file's header is validated in TypeScript before it is kept.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../errors.ts'
import { databaseError } from '../store/database.ts'
import { incomingFolder, newUpload } from '../store/uploads.ts'
import { openFileSource } from './formats/byte-source.ts'
import { inspectModelFile, type ModelFileFacts } from './inspect.ts'
import type { Quarantine } from './quarantine.ts'

export interface StoredModelFile {
  sha256: string
  sizeBytes: number
  facts: ModelFileFacts
}

/** A file that is whole and sound, but not yet part of the installation. */
export interface ReceivedModelFile extends StoredModelFile {
  keep(): Promise<void>
  discard(): Promise<void>
}

export interface ModelFiles {
  /** Takes a file in without keeping it; `unreadable_file` when its header is not sound. */
  receive(content: AsyncIterable<Uint8Array>): Promise<ReceivedModelFile>
  /** Stores and validates an uploaded file; `unreadable_file` when its header is not sound. */
  put(content: AsyncIterable<Uint8Array>): Promise<StoredModelFile>
  inspect(sha256: string): Promise<StoredModelFile>
  /** The file, where it is here and sound; else null. */
  find(sha256: string): Promise<StoredModelFile | null>
  /** Where a file is gathered that comes in pieces, under a name of the caller's choice. */
  partialPath(name: string): Promise<string>
  /** Keeps the file at such a path, whose digest the caller has checked; `unreadable_file` as above. */
  adopt(path: string, sha256: string): Promise<StoredModelFile>
  /** The absolute path, after the bytes were checked against the hash (once per process). */
  verifiedPath(sha256: string): Promise<string>
}

export function createModelFiles(folder: string, quarantine: Quarantine): ModelFiles {
  const verified = new Map<string, Promise<string>>()
  const pathOf = (sha256: string) => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new AppError('not_found', 'No such model file.')
    return join(folder, sha256.slice(0, 2), sha256)
  }

  async function verify(sha256: string): Promise<string> {
    const path = pathOf(sha256)
    await requireFile(path, sha256)
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
    const found = hash.digest('hex')
    if (found === sha256) return path
    const reason = `Model file ${sha256.slice(0, 12)} was changed on disk.`
    await quarantine.put(path, {
      name: sha256,
      source: 'this installation',
      sha256: found,
      sizeBytes: (await stat(path)).size,
      reason,
    })
    throw new AppError(
      'model_unavailable',
      `${reason} It is in quarantine. Import the model again.`,
    )
  }

  async function keep(from: string, sha256: string): Promise<void> {
    const path = pathOf(sha256)
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
    await rename(from, path)
  }

  async function inspect(sha256: string): Promise<StoredModelFile> {
    const path = pathOf(sha256)
    const sizeBytes = await requireFile(path, sha256)
    return { sha256, sizeBytes, facts: await inspectPath(path) }
  }

  async function receive(content: AsyncIterable<Uint8Array>): Promise<ReceivedModelFile> {
    const temporary = await newUpload(folder)
    const discard = () => rm(temporary, { force: true })
    const hash = createHash('sha256')
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        done(null, chunk)
      },
    })
    try {
      const file = createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true })
      await pipeline(Readable.from(content), measure, file)
      const facts = await inspectPath(temporary)
      const sha256 = hash.digest('hex')
      const sizeBytes = (await stat(temporary)).size
      return { sha256, sizeBytes, facts, keep: () => keep(temporary, sha256), discard }
    } catch (error) {
      await discard()
      throw databaseError(error)
    }
  }

  return {
    receive,
    async put(content) {
      const { keep, discard: _discard, ...stored } = await receive(content)
      await keep()
      return stored
    },
    inspect,
    async find(sha256) {
      try {
        return await inspect(sha256)
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return null
        throw error
      }
    },
    async partialPath(name) {
      const incoming = join(folder, incomingFolder)
      await mkdir(incoming, { recursive: true, mode: 0o700 })
      return join(incoming, name)
    },
    async adopt(path, sha256) {
      const facts = await inspectPath(path)
      const sizeBytes = (await stat(path)).size
      await keep(path, sha256)
      return { sha256, sizeBytes, facts }
    },
    verifiedPath(sha256) {
      const known = verified.get(sha256)
      if (known) return known
      const checking = verify(sha256)
      verified.set(sha256, checking)
      checking.catch(() => verified.delete(sha256))
      return checking
    },
  }
}

async function requireFile(path: string, sha256: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new AppError(
      'not_found',
      `Model file ${sha256.slice(0, 12)} is not in this installation. Upload it with POST /v1/model-files first.`,
    )
  }
}

async function inspectPath(path: string): Promise<ModelFileFacts> {
  const source = await openFileSource(path)
  try {
    return await inspectModelFile(source)
  } finally {
    await source.close()
  }
}
