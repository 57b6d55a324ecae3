/**
 * The readers of model files accept what is valid and refuse by name what is not. That nothing else comes
 * of any input is for `tests/fuzz.test.ts`.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../errors.ts'
import { type ByteSource, bytesSource } from './byte-source.ts'
import { readGguf } from './gguf.ts'
import { ggufChunks } from './gguf-writer.ts'
import { readOnnx } from './onnx.ts'
import { linearOnnx } from './onnx-fixture.ts'
import { readSafetensors } from './safetensors.ts'

const gguf = () =>
  Buffer.concat([
    ...ggufChunks(
      {
        'general.architecture': { type: 'string', value: 'llama' },
        'llama.context_length': { type: 'uint32', value: 128 },
        'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
        'tokenizer.ggml.tokens': { type: 'strings', value: ['a', 'b', 'ß'] },
        'tokenizer.ggml.token_type': { type: 'int32s', value: [1, 1, 3] },
        'tokenizer.ggml.eos_token_id': { type: 'uint32', value: 2 },
        'tokenizer.chat_template': { type: 'string', value: '{{ messages }}' },
      },
      [
        { name: 'a', shape: [3, 5], type: 'f32', data: new Float32Array(15).fill(1) },
        { name: 'b', shape: [7], type: 'f16', data: new Float32Array(7).fill(0.1) },
      ],
    ),
  ])

const onnx = () =>
  linearOnnx({
    inputs: 3,
    outputs: 2,
    weights: Float32Array.of(1, 2, 3, 4, 5, 6),
    bias: Float32Array.of(1, -1),
  })

function safetensors(header: string, dataBytes = 32): Uint8Array {
  const head = Buffer.from(header)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(head.length))
  return Buffer.concat([length, head, Buffer.alloc(dataBytes)])
}

const validHeader = JSON.stringify({
  __metadata__: { format: 'pt' },
  a: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
  b: { dtype: 'BF16', shape: [4], data_offsets: [24, 32] },
})

type Reader = (source: ByteSource) => Promise<unknown>

/** Fails when a reader throws anything but an AppError, or takes long. */
async function survives(read: Reader, bytes: Uint8Array): Promise<void> {
  const started = performance.now()
  try {
    await read(bytesSource(bytes))
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unreadable_file') throw error
  }
  assert.ok(performance.now() - started < 2000, 'a reader took more than two seconds')
}

const refuses = (read: Reader, bytes: Uint8Array, reason: RegExp) =>
  assert.rejects(read(bytesSource(bytes)), (error) => {
    return (
      error instanceof AppError && error.code === 'unreadable_file' && reason.test(error.message)
    )
  })

test('a GGUF file that was written is read back', async () => {
  const info = await readGguf(bytesSource(gguf()))
  assert.equal(info.architecture, 'llama')
  assert.equal(info.contextLength, 128)
  assert.equal(info.parameterCount, 22)
  assert.equal(info.chatTemplate, '{{ messages }}')
  assert.deepEqual(info.tokenizer, {
    model: 'gpt2',
    tokenCount: 3,
    bosTokenId: null,
    eosTokenId: 2,
  })
  assert.deepEqual(
    info.tensors.map(({ name, sizeBytes, offset }) => [name, sizeBytes, offset % 32]),
    [
      ['a', 60, 0],
      ['b', 14, 0],
    ],
  )
})

test('half-precision values are rounded to the nearest, ties to even', () => {
  const values = [0, -0, 1, -2, 65504, 65520, 1e-8, 6e-8, 6.1e-5, 0.1, 2049, 2051, Infinity, NaN]
  const chunks = [
    ...ggufChunks({}, [
      { name: 'x', shape: [values.length], type: 'f16', data: Float32Array.from(values) },
    ]),
  ]
  const bytes = chunks[2]!
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const decoded = values.map((_, i) => halfValue(view.getUint16(i * 2, true)))
  const expected = [0, -0, 1, -2, 65504, Infinity, 0, 2 ** -24, 6.097555160522461e-5]
  assert.deepEqual(decoded.slice(0, 9), expected)
  assert.ok(Math.abs(decoded[9]! - 0.1) < 5e-5)
  assert.deepEqual(decoded.slice(10), [2048, 2052, Infinity, NaN])
})

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + mantissa / 1024) : mantissa * 2 ** -24)
}

test('hostile GGUF headers are refused by name', async () => {
  const at = (offset: number, value: bigint) => {
    const bytes = gguf()
    bytes.writeBigUInt64LE(value, offset)
    return bytes
  }
  await refuses(readGguf, Buffer.from('not a model'), /not a GGUF/)
  await refuses(readGguf, at(8, 2n ** 63n), /number of tensors/)
  await refuses(readGguf, at(16, 2n ** 40n), /metadata entries/)
  await refuses(readGguf, at(24, 2n ** 62n), /string length/)
  await refuses(readGguf, gguf().subarray(0, -40), /outside the file/)
  const nested = Buffer.alloc(24 + 9 + 4 + 12 * 1000)
  nested.write('GGUF')
  nested.writeUInt32LE(3, 4)
  nested.writeBigUInt64LE(1n, 16)
  nested.writeBigUInt64LE(1n, 24)
  nested.write('k', 32)
  nested.writeUInt32LE(9, 33)
  for (let i = 0; i < 1000; i++) {
    nested.writeUInt32LE(9, 37 + i * 12)
    nested.writeBigUInt64LE(1n, 41 + i * 12)
  }
  await refuses(readGguf, nested, /nested/)
})

test('a model of 20 GB is read through its header only', async () => {
  const header = gguf()
  let most = 0
  const source: ByteSource = {
    sizeBytes: 20e9,
    read: async (offset, length) => {
      most = Math.max(most, offset + length)
      const bytes = new Uint8Array(length)
      bytes.set(header.subarray(offset, offset + length))
      return bytes
    },
  }
  await readGguf(source)
  assert.ok(most < 1e6)
})

test('an ONNX file is described, and weights in other files are refused', async () => {
  const info = await readOnnx(bytesSource(onnx()))
  assert.deepEqual(info.inputs, [{ name: 'x', type: 'float32', shape: ['rows', 3] }])
  assert.deepEqual(info.outputs, [{ name: 'y', type: 'float32', shape: ['rows', 2] }])
  assert.deepEqual([...info.operators], ['MatMul', 'Add'])
  assert.deepEqual([info.parameterCount, info.opsets.get('')], [8, 17])
  // Field 14 (data location) with value 1 in place of the name field of the first tensor.
  const external = Buffer.from(onnx())
  const name = external.indexOf(Buffer.from([0x42, 1, 0x57]))
  external.set([0x70, 1, 0x70], name)
  await refuses(readOnnx, external, /other files/)
  const wrong = Buffer.from(onnx())
  wrong[wrong.indexOf(Buffer.from([0x08, 3, 0x08, 2])) + 1] = 4
  await refuses(readOnnx, wrong, /does not fit its shape/)
})

test('ONNX graphs nested absurdly deep are refused', async () => {
  let graph: number[] = []
  const wrap = (field: number, payload: number[]) => {
    const length = payload.length
    return [
      field * 8 + 2,
      (length & 127) | 128,
      ((length >> 7) & 127) | 128,
      length >> 14,
      ...payload,
    ]
  }
  for (let i = 0; i < 200; i++) graph = wrap(1, wrap(5, wrap(6, graph)))
  await refuses(readOnnx, Uint8Array.from([8, 9, ...wrap(7, graph)]), /nested/)
})

test('a safetensors header is described, and lies in it are refused', async () => {
  const info = await readSafetensors(bytesSource(safetensors(validHeader)))
  assert.equal(info.parameterCount, 10)
  assert.equal(info.metadata.get('format'), 'pt')
  const bad = (header: unknown) => safetensors(JSON.stringify(header))
  const tensor = { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] }
  await refuses(readSafetensors, safetensors('[]'), /not a JSON object/)
  await refuses(readSafetensors, safetensors('{'), /not valid JSON/)
  await refuses(readSafetensors, bad({ a: tensor }), /fill the file/)
  await refuses(readSafetensors, bad({ a: tensor, b: tensor }), /overlap/)
  await refuses(readSafetensors, bad({ a: { ...tensor, shape: [2 ** 40, 2 ** 40] } }), /impossible/)
  await refuses(readSafetensors, bad({ a: { ...tensor, shape: [-1] } }), /impossible/)
  await refuses(readSafetensors, bad({ a: { ...tensor, dtype: '__proto__' } }), /unknown type/)
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
  await survives(readSafetensors, safetensors(deep))
})
