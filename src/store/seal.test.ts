import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { AppError } from '../errors.ts'
import { seal, sealStream, unseal, unsealStream } from './seal.ts'

const key = randomBytes(32)

async function through(bytes: Buffer, chunkBytes: number, stream: NodeJS.ReadWriteStream) {
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
  }
  const out = buffer(stream as unknown as Readable)
  const [result] = await Promise.all([out, pipeline(Readable.from(chunks()), stream)])
  return result
}

test('small secrets: what is sealed opens only unchanged, with its key and its context', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, at) => {
      const sealed = seal(key, bytes, 'context')
      assert.deepEqual(unseal(key, sealed, 'context'), Buffer.from(bytes))
      assert.throws(() => unseal(key, sealed, 'other'), AppError)
      assert.throws(() => unseal(randomBytes(32), sealed, 'context'), AppError)
      const changed = Buffer.from(sealed)
      changed[at % changed.length]! ^= 1
      assert.throws(() => unseal(key, changed, 'context'), AppError)
    }),
  )
})

/** Sizes around the frame of 64 KiB, where an end could be mistaken for a middle. */
const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 131_073, 200_000]

test('streams of any size and chunking come back as they were', async () => {
  for (const size of sizes) {
    const bytes = randomBytes(size)
    const sealed = await through(bytes, 10_007, sealStream(key))
    assert.ok(!sealed.includes(bytes.subarray(0, 32)) || size < 32)
    for (const chunkBytes of [1_000, 65_536, 1 << 20]) {
      const opened = await through(sealed, chunkBytes, unsealStream(key, 'test'))
      assert.ok(opened.equals(bytes), `${size} bytes in chunks of ${chunkBytes}`)
    }
  }
})

test('a stream that was cut, changed, or whose frames were swapped does not open', async () => {
  const bytes = randomBytes(200_000)
  const sealed = await through(bytes, 65_536, sealStream(key))
  const frame = 65_536 + 16
  const swapped = Buffer.concat([
    sealed.subarray(0, 8),
    sealed.subarray(8 + frame, 8 + 2 * frame),
    sealed.subarray(8, 8 + frame),
    sealed.subarray(8 + 2 * frame),
  ])
  const damaged = [
    sealed.subarray(0, 4),
    sealed.subarray(0, 8 + frame),
    sealed.subarray(0, sealed.length - 1),
    swapped,
    Buffer.concat([sealed, sealed.subarray(-100)]),
    ...[0, 3, 9, 70_000, sealed.length - 1].map((at) => {
      const changed = Buffer.from(sealed)
      changed[at]! ^= 1
      return changed
    }),
  ]
  for (const one of damaged) {
    await assert.rejects(through(one, 30_000, unsealStream(key, 'test')), AppError)
  }
})
