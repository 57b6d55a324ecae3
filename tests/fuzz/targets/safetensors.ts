import assert from 'node:assert/strict'
import { bytesSource } from '../../../src/models/formats/byte-source.ts'
import { readSafetensors } from '../../../src/models/formats/safetensors.ts'
import { takenOrRefused } from '../refusals.ts'
import type { FuzzTarget } from '../target.ts'

function file(header: unknown, dataBytes: number): Buffer {
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)])
}

export const target: FuzzTarget = {
  name: 'safetensors',
  patienceMs: 2000,
  dictionary: [
    ...['__metadata__', '__proto__', '"dtype":"F64"', '"F4"', '"shape":[]', '"data_offsets":[0,0]'],
    ...['{"a":', '[[', '"\\u0000"', '1e400', '-0', 'null', '0.5', '"constructor"'],
  ],
  async seeds() {
    return [
      file(
        {
          __metadata__: { format: 'pt' },
          a: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
          b: { dtype: 'BF16', shape: [4], data_offsets: [24, 32] },
        },
        32,
      ),
      file({ a: { dtype: 'I64', shape: [], data_offsets: [0, 8] } }, 8),
      file({}, 0),
    ]
  },
  // The length of the header is made right, so that what is in it is read.
  repair(bytes) {
    const end = bytes.lastIndexOf('}'.charCodeAt(0))
    if (bytes.length >= 8 && end >= 8) bytes.writeBigUInt64LE(BigInt(end - 7))
  },
  take: (bytes) =>
    takenOrRefused(['unreadable_file'], async () => {
      const { tensors, parameterCount } = await readSafetensors(bytesSource(bytes))
      let end = 8 + Number(bytes.readBigUInt64LE())
      for (const { offset, sizeBytes } of tensors.toSorted(
        (a, b) => a.offset - b.offset || a.sizeBytes - b.sizeBytes,
      )) {
        assert.equal(offset, end, 'a hole or an overlap')
        end += sizeBytes
      }
      assert.equal(end, bytes.length)
      assert.ok(Number.isSafeInteger(parameterCount) && parameterCount >= 0)
      return `taken, ${tensors.length} tensors`
    }),
}
