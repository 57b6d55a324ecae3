/**
 * Storage of customers' bytes, sealed. An address is a keyed digest of the content under the data key, so
 * that what is read can be checked and an address tells nothing once the key is destroyed; and a random
 * part, so that equal contents are two blobs: removing one must never take the other's bytes.
 * The rules: what `put` returned is durable, and goes again within a day unless a transaction keeps it;
 * what `read` yields to its end is what was put; what a transaction dropped will be gone.
 */
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Database, type DatabaseTransaction, databaseError } from './database.ts'
import type { DataKey } from './keyring.ts'
import type { Objects } from './objects/objects.ts'
import type { Removals } from './removals.ts'
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
  /** Keeps what was put, with the row that names it. */
  keep(transaction: DatabaseTransaction, key: DataKey, ...addresses: string[]): Promise<void>
  /**
   * Lets what was put go at once, unless a transaction kept it: one whose end was not heard of may have. Never
   * fails: without it, it goes in a day.
   */
  discard(key: DataKey, address: string): Promise<void>
  /** Lets blobs go, with the rows that named them. */
  drop(transaction: DatabaseTransaction, key: DataKey, ...addresses: string[]): Promise<void>
  /** Lets everything go that is stored under a key, also one that was destroyed. */
  dropAll(transaction: DatabaseTransaction, keyIds: readonly string[]): Promise<void>
  /**
   * After the transaction: removes what was dropped. A store that is slow or away is not waited for;
   * what it still holds goes when it answers again.
   */
  settle(): Promise<void>
}

const unkeptMs = 24 * 3_600_000
const settleMs = 2_000

export interface BlobsParts {
  db: Database
  objects: Objects
  removals: Removals
  /** A folder of this machine where a blob lies, sealed, until its address is known. */
  spool: string
  log: Log
}

export function createBlobs({ db, objects, removals, spool, log }: BlobsParts): Blobs {
  const nameOf = (key: DataKey, address: string) => {
    if (!/^[0-9a-f]{80}$/.test(address)) throw new AppError('not_found', 'No such blob.')
    return `${key.id}/${address.slice(0, 2)}/${address}`
  }

  async function settle(): Promise<void> {
    const swept = removals.sweep().catch((error) => {
      log.warn({ err: error }, 'stored bytes could not be removed yet; it is tried again')
    })
    await Promise.race([swept, new Promise((resume) => setTimeout(resume, settleMs).unref())])
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
        await removals.plan(db, [nameOf(key, address)], unkeptMs)
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

    async keep(transaction, key, ...addresses) {
      await removals.keep(
        transaction,
        addresses.map((address) => nameOf(key, address)),
      )
    },

    async discard(key, address) {
      try {
        await removals.hasten([nameOf(key, address)])
        await settle()
      } catch (error) {
        log.warn({ err: error }, 'what was not kept could not be removed; it goes within a day')
      }
    },

    async drop(transaction, key, ...addresses) {
      await removals.plan(
        transaction,
        addresses.map((address) => nameOf(key, address)),
      )
    },

    async dropAll(transaction, keyIds) {
      await removals.plan(
        transaction,
        keyIds.map((id) => `${id}/`),
      )
    },

    settle,
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
