/**
 * Storage of customers' bytes, sealed. An address is a keyed digest of the content under the data key, so
 * that what is read can be checked and an address tells nothing once the key is destroyed; and a random
 * part, so that equal contents are two blobs: removing one must never take the other's bytes.
 * The rule: what `put` returned is durable; what `read` yields to its end is what was put.
 */
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../errors.ts'
import { databaseError } from './database.ts'
import type { DataKey } from './keyring.ts'
import type { Objects } from './objects/objects.ts'
import { sealStream, unsealStream } from './seal.ts'
import { newUpload } from './uploads.ts'

export interface StoredBlob {
  /** Lower-case hex: the digest's 64 characters and 16 random ones. */
  address: string
  sizeBytes: number
}

export interface Blobs {
  /** Stores the bytes; `too_large` past the limit, and then nothing is kept. */
  put(key: DataKey, content: AsyncIterable<Uint8Array>, limitBytes: number): Promise<StoredBlob>
  /** The bytes as a stream; `not_found` when there are none. It fails where they are not what was put. */
  read(key: DataKey, address: string): Promise<Readable>
  remove(key: DataKey, address: string): Promise<void>
  /** Removes everything stored under a key, also one that was destroyed. */
  removeAll(key: Pick<DataKey, 'id'>): Promise<void>
}

/** `spool` is a folder of this machine where a blob lies, sealed, until its address is known. */
export function createBlobs(objects: Objects, spool: string): Blobs {
  const nameOf = (key: DataKey, address: string) => {
    // Those of before have no random part.
    if (!/^[0-9a-f]{64}([0-9a-f]{16})?$/.test(address))
      throw new AppError('not_found', 'No such blob.')
    return `${key.id}/${address.slice(0, 2)}/${address}`
  }

  return {
    async put(key, content, limitBytes) {
      const temporary = await newUpload(spool)
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
        const address = digester.digest('hex') + randomBytes(8).toString('hex')
        await objects.put(nameOf(key, address), temporary)
        return { address, sizeBytes }
      } catch (error) {
        await rm(temporary, { force: true })
        throw databaseError(error)
      }
    },

    async read(key, address) {
      const source = await objects.read(nameOf(key, address))
      const opened = unsealStream(key.encryption, `blob:${address}`)
      const checked = checkDigest(key, address)
      // The caller reads the last stream, and pipeline ends it with whatever failed before it.
      pipeline(source, opened, checked).catch(() => {})
      return checked
    },

    async remove(key, address) {
      await objects.remove(nameOf(key, address))
    },

    async removeAll(key) {
      await objects.removeAll(key.id)
    },
  }
}

/** Fails at the end of what is not the blob of this address, though it was sealed under its key. */
function checkDigest(key: DataKey, address: string): Transform {
  const digester = key.digester()
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digester.update(chunk)
      done(null, chunk)
    },
    flush(done) {
      if (digester.digest('hex') === address.slice(0, 64)) return done()
      done(new AppError('internal', `The stored data (blob:${address}) is that of another blob.`))
    },
  })
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
