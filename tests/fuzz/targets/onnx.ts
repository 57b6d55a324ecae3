import assert from 'node:assert/strict'
import { bytesSource } from '../../../src/models/formats/byte-source.ts'
import { readOnnx } from '../../../src/models/formats/onnx.ts'
import { linearOnnx } from '../../../src/models/formats/onnx-fixture.ts'
import { takenOrRefused } from '../refusals.ts'
import type { FuzzTarget } from '../target.ts'

export const target: FuzzTarget = {
  name: 'onnx',
  patienceMs: 2000,
  // Fields of onnx.proto3: key and length of messages, external data, a function, a sparse tensor.
  dictionary: [
    ...[
      [0x3a, 0x7f],
      [0x0a, 0x05],
      [0x2a, 0x10],
      [0x70, 0x01],
      [0x6a, 0x04],
      [0xca, 0x01, 0x08],
    ],
    ...[
      [0x7a, 0x06],
      [0x32, 0x20],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    ],
  ].map((bytes) => Uint8Array.from(bytes)),
  async seeds() {
    const weights = Float32Array.of(1, 2, 3, 4)
    const bias = Float32Array.of(1, -1)
    return [1, 5].map((repeats) =>
      Buffer.from(linearOnnx({ inputs: 2, outputs: 2, weights, bias, repeats })),
    )
  },
  take: (bytes) =>
    takenOrRefused(['unreadable_file'], async () => {
      const info = await readOnnx(bytesSource(bytes))
      assert.ok(
        info.tensorBytes >= 0 && info.tensorBytes <= bytes.length,
        'more weights than bytes',
      )
      assert.ok(Number.isFinite(info.parameterCount) && info.parameterCount >= 0)
      for (const { shape } of [...info.inputs, ...info.outputs]) {
        assert.ok(
          shape?.every((size) => typeof size !== 'number' || Number.isSafeInteger(size)) ?? true,
        )
      }
      return `taken, ${info.inputs.length} to ${info.outputs.length}, ${info.initializerCount} weights`
    }),
}
