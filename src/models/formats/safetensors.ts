/**
 * Reads and validates the header of a safetensors file: the header's length, its JSON, and that
 * the tensors' byte ranges are inside the file, of the right size, and leave no holes (a hole can
 * hide a second file; the reference implementation refuses it too).
 */
import { ByteCursor, type ByteSource, unreadable } from './byte-source.ts'

export interface SafetensorsTensor {
  name: string
  type: string
  shape: number[]
  /** From the start of the file. */
  offset: number
  sizeBytes: number
}

export interface SafetensorsInfo {
  tensors: SafetensorsTensor[]
  metadata: Map<string, string>
  parameterCount: number
}

const headerBytesMax = 100_000_000
const tensorCountMax = 1_000_000
const dimensionsMax = 16

const bitsByType: ReadonlyMap<string, number> = new Map([
  ['BOOL', 8],
  ['U8', 8],
  ['I8', 8],
  ['F8_E4M3', 8],
  ['F8_E5M2', 8],
  ['F8_E8M0', 8],
  ['U16', 16],
  ['I16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['U32', 32],
  ['I32', 32],
  ['F32', 32],
  ['U64', 64],
  ['I64', 64],
  ['F64', 64],
  ['C64', 64],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
])

export async function readSafetensors(source: ByteSource): Promise<SafetensorsInfo> {
  const cursor = new ByteCursor(source)
  if (cursor.end < 10) throw unreadable('it is not a safetensors file')
  await cursor.need(8)
  const headerBytes = cursor.size('the header length')
  if (headerBytes > headerBytesMax || headerBytes > cursor.end - 8) {
    throw unreadable(`it claims a header of ${headerBytes} bytes`)
  }
  const header = parseHeader(await cursor.text(headerBytes))
  const dataStart = 8 + headerBytes
  const metadata = new Map<string, string>()
  const tensors: SafetensorsTensor[] = []
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') readMetadata(value, metadata)
    else tensors.push(readTensor(name, value, dataStart))
  }
  if (tensors.length > tensorCountMax) throw unreadable(`it claims ${tensors.length} tensors`)
  tensors.sort((a, b) => a.offset - b.offset || a.sizeBytes - b.sizeBytes)
  let expected = dataStart
  for (const tensor of tensors) {
    if (tensor.offset !== expected) throw unreadable('its tensors overlap or leave holes')
    expected += tensor.sizeBytes
  }
  if (expected !== cursor.end) throw unreadable('its tensors do not fill the file exactly')
  const parameterCount = tensors.reduce((total, tensor) => total + elementsOf(tensor.shape), 0)
  return { tensors, metadata, parameterCount }
}

const elementsOf = (shape: number[]) => shape.reduce((product, size) => product * size, 1)

function parseHeader(text: string): Record<string, unknown> {
  if (!text.startsWith('{')) throw unreadable('its header is not a JSON object')
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    throw unreadable('its header is not valid JSON')
  }
}

function readMetadata(value: unknown, into: Map<string, string>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unreadable('__metadata__ is not an object')
  }
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw unreadable('__metadata__ holds something that is not text')
    into.set(key, text)
  }
}

function readTensor(name: string, value: unknown, dataStart: number): SafetensorsTensor {
  const bad = (what: string) => unreadable(`the tensor "${name.slice(0, 80)}" has ${what}`)
  if (typeof value !== 'object' || value === null) throw bad('no description')
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>
  const bits = typeof dtype === 'string' ? bitsByType.get(dtype) : undefined
  if (bits === undefined) throw bad('an unknown type')
  if (!isCounts(shape) || shape.length > dimensionsMax) throw bad('an impossible shape')
  if (!isCounts(offsets) || offsets.length !== 2) throw bad('no byte range')
  const elements = elementsOf(shape)
  if (!(elements <= Number.MAX_SAFE_INTEGER / 64)) throw bad('an impossible shape')
  const sizeBytes = offsets[1]! - offsets[0]!
  if (sizeBytes * 8 !== elements * bits) throw bad('a byte range that does not fit its shape')
  return { name, type: dtype as string, shape, offset: dataStart + offsets[0]!, sizeBytes }
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
