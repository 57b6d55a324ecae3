/**
 * Writes GGUF version 3 files: metadata and float tensors. The file is produced in chunks so that
 * a model is never held twice in memory.
 */
import { open } from 'node:fs/promises'
import { assert } from '../../errors.ts'

export type GgufMetadataValue =
  | { type: 'uint32'; value: number }
  | { type: 'int32'; value: number }
  | { type: 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'int32s'; value: readonly number[] }
  | { type: 'float32s'; value: readonly number[] }
  | { type: 'strings'; value: readonly string[] }

export interface GgufTensorData {
  name: string
  /** ggml order: the first dimension is contiguous, so a [rows, columns] matrix is [columns, rows]. */
  shape: readonly number[]
  /** How the values are stored; f16 rounds to nearest, ties to even. */
  type: 'f32' | 'f16'
  data: Float32Array
}

const alignment = 32
const typeNumbers = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8 } as const
const itemTypes = { int32s: 'int32', float32s: 'float32', strings: 'string' } as const

/** Writes a whole file and makes it durable before returning. */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, GgufMetadataValue>>,
  tensors: readonly GgufTensorData[],
): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (const chunk of ggufChunks(metadata, tensors)) await file.writeFile(chunk)
    await file.sync()
  } finally {
    await file.close()
  }
}

export function* ggufChunks(
  metadata: Readonly<Record<string, GgufMetadataValue>>,
  tensors: readonly GgufTensorData[],
): Generator<Uint8Array> {
  const header = encodeHeader(metadata, tensors)
  yield header
  yield padding(header.length)
  for (const tensor of tensors) {
    const bytes = encodeTensor(tensor)
    yield bytes
    yield padding(bytes.length)
  }
}

const padding = (length: number) => new Uint8Array((alignment - (length % alignment)) % alignment)

function encodeHeader(
  metadata: Readonly<Record<string, GgufMetadataValue>>,
  tensors: readonly GgufTensorData[],
): Uint8Array {
  const parts: Uint8Array[] = []
  const entries = Object.entries(metadata)
  parts.push(Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(entries.length))
  for (const [key, value] of entries) parts.push(text(key), encodeValue(value))
  let offset = 0
  for (const { name, shape, type, data } of tensors) {
    const elements = shape.reduce((product, size) => product * size, 1)
    assert(elements === data.length, `${name}: ${data.length} values for shape [${shape}]`)
    parts.push(text(name), uint32(shape.length), ...shape.map(uint64))
    parts.push(uint32(type === 'f32' ? 0 : 1), uint64(offset))
    const sizeBytes = elements * (type === 'f32' ? 4 : 2)
    offset += sizeBytes + padding(sizeBytes).length
  }
  return Buffer.concat(parts)
}

function encodeValue(value: GgufMetadataValue): Uint8Array {
  if (value.type === 'int32s' || value.type === 'float32s' || value.type === 'strings') {
    const itemType = itemTypes[value.type]
    const items = value.value.map((item) => encodeScalar(itemType, item))
    return Buffer.concat([
      uint32(9),
      uint32(typeNumbers[itemType]),
      uint64(value.value.length),
      ...items,
    ])
  }
  return Buffer.concat([uint32(typeNumbers[value.type]), encodeScalar(value.type, value.value)])
}

function encodeScalar(
  type: keyof typeof typeNumbers,
  value: string | number | boolean,
): Uint8Array {
  if (type === 'string') return text(String(value))
  if (type === 'bool') return Uint8Array.of(value ? 1 : 0)
  const bytes = Buffer.alloc(4)
  if (type === 'float32') bytes.writeFloatLE(Number(value))
  else if (type === 'int32') bytes.writeInt32LE(Number(value))
  else bytes.writeUInt32LE(Number(value))
  return bytes
}

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const uint64 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
const text = (value: string) => {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint64(bytes.length), bytes])
}

function encodeTensor({ type, data }: GgufTensorData): Uint8Array {
  if (type === 'f32') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const halves = new Uint16Array(data.length)
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length)
  for (let i = 0; i < data.length; i++) halves[i] = halfBits(bits[i]!)
  return new Uint8Array(halves.buffer)
}

/** IEEE binary32 bits to binary16 bits, round to nearest even; too large becomes infinity. */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude < 0x38800000) {
    // Below the smallest normal half: the value in units of 2^-24, rounded by the addition of 0.5.
    const exponent = magnitude >>> 23
    if (exponent < 102) return sign
    const mantissa = (magnitude & 0x7fffff) | 0x800000
    return sign | roundShift(mantissa, 126 - exponent)
  }
  return sign | roundShift(magnitude - 0x38000000, 13)
}

function roundShift(value: number, shift: number): number {
  const half = 1 << (shift - 1)
  const quotient = value >>> shift
  const rest = value & ((1 << shift) - 1)
  return rest > half || (rest === half && quotient & 1) ? quotient + 1 : quotient
}
