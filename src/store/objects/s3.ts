/**
 * Objects in a bucket of an S3-compatible store, by the official client. Buckets are addressed in the
 * path, which every such store understands; their own names need no wildcard certificate.
 */
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { destinationOf, type Egress, type EgressRule } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import { missing } from './folder.ts'
import type { Objects, StoredObject } from './objects.ts'
import { blobsPurpose, guardedTransport } from './s3-transport.ts'

export interface BucketSettings {
  /** `https://host:port/bucket` or `https://host:port/bucket/prefix`. */
  url: string
  accessKeyId: string
  secretAccessKey: string
  region: string
  /** How long the store may be silent before and in an answer until it counts as away. */
  silenceMaxMs?: number
}

const partBytes = 8 * 2 ** 20
const partsAtOnce = 2
const removalsAtOnce = 8

/** Naming the store in a setting is the permission to reach it, for this alone, and in the house too. */
export function bucketRule({ url }: Pick<BucketSettings, 'url'>): EgressRule {
  return { ...destinationOf(new URL(url)), allowPrivate: true, purpose: blobsPurpose }
}

export function bucketObjects(settings: BucketSettings, egress: Egress): Objects {
  const { origin, pathname } = new URL(settings.url)
  const [bucket = '', ...prefixParts] = pathname.split('/').filter(Boolean)
  if (!bucket) {
    throw new AppError(
      'invalid_request',
      'BLOBS_URL names no bucket. Write it as https://host:port/bucket.',
    )
  }
  const prefix = prefixParts.map((part) => `${part}/`).join('')
  const client = new S3Client({
    endpoint: origin,
    region: settings.region,
    forcePathStyle: true,
    credentials: {
      accessKeyId: settings.accessKeyId,
      secretAccessKey: settings.secretAccessKey,
    },
    maxAttempts: 3,
    requestHandler: guardedTransport(egress, settings.silenceMaxMs ?? 20_000),
    // Stores that are not Amazon's do not all know its newer checksums. The bytes are sealed, and a
    // changed one shows when it is opened.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
  })
  const at = (name: string) => ({ Bucket: bucket, Key: prefix + name })
  const told = (error: unknown) => storeError(error, origin)

  async function* list(under: string): AsyncGenerator<StoredObject> {
    let after: string | undefined
    do {
      const page = await client
        .send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix + under,
            ContinuationToken: after,
          }),
        )
        .catch((error) => {
          throw told(error)
        })
      requireStoreAnswer(page.KeyCount)
      for (const { Key, Size } of page.Contents ?? []) {
        if (Key) yield { name: Key.slice(prefix.length), sizeBytes: Size ?? 0 }
      }
      after = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (after)
  }

  async function* explained(body: Readable): AsyncGenerator<Buffer> {
    try {
      yield* body
    } catch (error) {
      throw told(error)
    }
  }

  async function remove(name: string): Promise<void> {
    try {
      await client.send(new DeleteObjectCommand(at(name)))
    } catch (error) {
      throw told(error)
    }
  }

  return {
    async put(name, file) {
      const upload = new Upload({
        client,
        params: { ...at(name), Body: createReadStream(file, { highWaterMark: 2 ** 20 }) },
        partSize: partBytes,
        queueSize: partsAtOnce,
      })
      try {
        requireStoreAnswer((await upload.done()).ETag)
      } catch (error) {
        throw told(error)
      }
      await rm(file, { force: true })
    },

    async read(name) {
      try {
        const { Body } = await client.send(new GetObjectCommand(at(name)))
        return Readable.from(explained(Body as Readable), { objectMode: false })
      } catch (error) {
        throw told(error)
      }
    },

    remove,

    async removeAll(folder) {
      let removals: Promise<void>[] = []
      for await (const { name } of list(`${folder}/`)) {
        removals.push(remove(name))
        if (removals.length < removalsAtOnce) continue
        await Promise.all(removals)
        removals = []
      }
      await Promise.all(removals)
    },

    list: () => list(''),
  }
}

/** A proxy's page is no answer, though its status is 200: without this, a listing of it would be empty. */
function requireStoreAnswer(field: unknown): void {
  if (field !== undefined) return
  throw new AppError('unavailable', 'What answers at BLOBS_URL is no S3-compatible store.')
}

/** What a failure of the store means to a caller; the cause keeps the store's own words for the log. */
function storeError(error: unknown, origin: string): AppError {
  if (error instanceof AppError) return error
  if (error instanceof S3ServiceException) {
    const { name, $metadata } = error
    const status = $metadata.httpStatusCode ?? 0
    if (name === 'NoSuchKey' || (status === 404 && name !== 'NoSuchBucket')) return missing(error)
    if (status === 507 || /quota|full|insufficient/i.test(name)) {
      return new AppError('storage_full', `The blob store at ${origin} is full (${name}).`, {
        cause: error,
      })
    }
    if (status < 500) {
      return new AppError(
        'unavailable',
        `The blob store at ${origin} refuses: ${name}. An operator should check BLOBS_URL, BLOBS_ACCESS_KEY_ID and BLOBS_SECRET_ACCESS_KEY.`,
        { cause: error },
      )
    }
  }
  return new AppError(
    'unavailable',
    `The blob store at ${origin} does not answer as it should. Try again shortly.`,
    { cause: error, retryAfterSeconds: 5 },
  )
}
