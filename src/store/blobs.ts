/**
 * Content-addressed storage of customers' bytes. The address is a keyed digest under the data key,
 * so equal files are stored once per key and an address tells nothing once the key is destroyed.
 * Every implementation keeps the rule: what `put` returned is on disk.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../errors.ts'
import { databaseError } from './database.ts'
import type { DataKey } from './keyring.ts'
import { sealStream, unsealStream } from './seal.ts'
import { newUpload } from './uploads.ts'

export interface StoredBlob {
  /** Lower-case hex, 64 characters. */
  address: string
  sizeBytes: number
}

export interface Blobs {
  /** Stores the bytes; `too_large` past the limit, and then nothing is kept. */
  put(key: DataKey, content: AsyncIterable<Uint8Array>, limitBytes: number): Promise<StoredBlob>
  /** The bytes as a stream; `not_found` when there are none. */
  read(key: DataKey, address: string): Promise<Readable>
  remove(key: DataKey, address: string): Promise<void>
  /** Removes everything stored under a key, also one that was destroyed. */
  removeAll(key: Pick<DataKey, 'id'>): Promise<void>
}

export function createFileBlobs(folder: string): Blobs {
  const pathOf = (key: DataKey, address: string) => {
    if (!/^[0-9a-f]{64}$/.test(address)) throw new AppError('not_found', 'No such blob.')
    return join(folder, key.id, address.slice(0, 2), address)
  }

  return {
    async put(key, content, limitBytes) {
      const temporary = await newUpload(folder)
      const digester = key.digester()
      let sizeBytes = 0
      const measure = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          sizeBytes += chunk.length
          if (sizeBytes > limitBytes) return done(tooLarge(limitBytes))
          digester.update(chunk)
          done(null, chunk)
        },
      })
      try {
        const file = createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true })
        await pipeline(Readable.from(content), measure, sealStream(key.encryption), file)
        const address = digester.digest('hex')
        const path = pathOf(key, address)
        await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
        await rename(temporary, path)
        await syncFolder(join(path, '..'))
        return { address, sizeBytes }
      } catch (error) {
        await rm(temporary, { force: true })
        throw databaseError(error)
      }
    },

    async read(key, address) {
      const path = pathOf(key, address)
      try {
        await stat(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        throw new AppError('not_found', 'The stored file is missing from the blob store.')
      }
      const opened = unsealStream(key.encryption, `blob:${address}`)
      const source = createReadStream(path)
      source.on('error', (error) => opened.destroy(error))
      opened.on('close', () => source.destroy())
      return source.pipe(opened)
    },

    async remove(key, address) {
      await rm(pathOf(key, address), { force: true })
    },

    async removeAll(key) {
      await rm(join(folder, key.id), { recursive: true, force: true })
    },
  }
}

/** Reads a whole blob into memory; for content whose size was limited when it came in. */
export async function readBlob(blobs: Blobs, key: DataKey, address: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of await blobs.read(key, address)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Stores bytes that are already in memory. */
export function putBytes(blobs: Blobs, key: DataKey, bytes: Uint8Array): Promise<StoredBlob> {
  const once = async function* () {
    yield bytes
  }
  return blobs.put(key, once(), bytes.length)
}

function tooLarge(limitBytes: number): AppError {
  const megabytes = Math.round(limitBytes / 2 ** 20)
  return new AppError(
    'too_large',
    `The file is larger than ${megabytes} MB. Send a smaller one, or raise BASTIDE_FILE_LIMIT_MB.`,
  )
}

/** Makes a rename survive a power cut: the folder's entry must reach the disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
