/**
 * A backup's sealed stream: whatever is done to it, what comes out is the beginning of what went in, and
 * the end only where nothing was changed. What lies inside is written by whoever holds the master key.
 */
import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { sealStream, unsealStream } from '../../../src/store/seal.ts'
import { chunked } from '../chunks.ts'
import { takenOrRefused } from '../refusals.ts'
import type { FuzzTarget } from '../target.ts'

const key = Buffer.alloc(32, 7)
const contents = [0, 1, 65_536, 150_000].map((bytes) => Buffer.alloc(bytes, `${bytes} bytes `))

export const target: FuzzTarget = {
  name: 'backup',
  patienceMs: 2000,
  dictionary: [Buffer.of(0), Buffer.of(1), Buffer.of(2), Buffer.alloc(16), Buffer.alloc(64)],
  seeds: () =>
    Promise.all(contents.map((content) => buffer(Readable.from([content]).pipe(sealStream(key))))),
  take: (bytes) =>
    takenOrRefused(['internal', 'unreadable_file'], async () => {
      const pieces: Buffer[] = []
      const sink = new Writable({
        write(chunk: Buffer, _encoding, done) {
          pieces.push(chunk)
          done()
        },
      })
      const source = Readable.from(chunked(bytes, 5000))
      const opened = await pipeline(source, unsealStream(key, 'backup'), sink).then(
        () => null,
        (error: unknown) => ({ error }),
      )
      const plain = Buffer.concat(pieces)
      const fits = contents.filter((content) => content.subarray(0, plain.length).equals(plain))
      assert.ok(fits.length > 0, 'what came out never went in')
      if (opened) throw opened.error
      assert.ok(
        fits.some(({ length }) => length === plain.length),
        'a cut stream passed for whole',
      )
      return `taken, ${plain.length} bytes`
    }),
}
