/**
 * Reads and validates the header of a GGUF file (versions 2 and 3, little endian) before native
 * code sees it: counts, lengths, nesting, tensor shapes, and that every tensor lies inside the
 * file without overlapping another. Layout after ggml's `docs/gguf.md`.
 *
 * Long arrays (a vocabulary) are walked for their bounds but only counted, so a header costs
 * memory in proportion to what is kept, not to what the file holds.
 */
import { ByteCursor, type ByteSource, unreadable } from './byte-source.ts'
import { ggmlTypes } from './gguf-types.ts'

export type GgufScalar = string | number | bigint | boolean
export interface GgufArray {
  length: number
  /** GGUF value type of the items: 8 is a string. */
  itemType: number
  /** The values when there are at most 64 of them. */
  items: GgufScalar[] | null
}
export type GgufValue = GgufScalar | GgufArray

export interface GgufTensor {
  name: string
  /** ggml order: the first dimension is contiguous. */
  shape: number[]
  type: string
  offset: number
  sizeBytes: number
}

export interface GgufInfo {
  version: number
  architecture: string
  name: string | null
  contextLength: number | null
  embeddingLength: number | null
  blockCount: number | null
  headCount: number | null
  headCountKv: number | null
  parameterCount: number
  chatTemplate: string | null
  tokenizer: {
    model: string
    tokenCount: number
    bosTokenId: number | null
    eosTokenId: number | null
  } | null
  metadata: Map<string, GgufValue>
  tensors: GgufTensor[]
  /** Bytes of all tensors. */
  tensorBytes: number
}

const limits = {
  headerBytes: 512 * 2 ** 20,
  metadataCount: 65_536,
  tensorCount: 65_536,
  keyBytes: 65_535,
  stringBytes: 16 * 2 ** 20,
  arrayItems: 2 ** 24,
  /** llama.cpp itself refuses nested arrays; the format allows them. */
  arrayDepth: 2,
  keptItems: 64,
  /** GGML_MAX_NAME is 64; some converters write longer names that newer builds accept. */
  tensorNameBytes: 256,
  dimensions: 4,
  alignmentMax: 2 ** 20,
}

/** Bytes of a value of each fixed-size GGUF type, by type number. */
const fixedBytes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
}
const typeString = 8
const typeArray = 9

export async function readGguf(source: ByteSource): Promise<GgufInfo> {
  const cursor = new ByteCursor(source)
  await cursor.need(Math.min(24, cursor.end))
  if (cursor.end < 24 || cursor.uint32() !== 0x46554747) throw unreadable('it is not a GGUF file')
  const version = cursor.uint32()
  if (version !== 2 && version !== 3) throw unreadable(`GGUF version ${version} is not 2 or 3`)
  const tensorCount = cursor.size('the number of tensors')
  const metadataCount = cursor.size('the number of metadata entries')
  if (tensorCount > limits.tensorCount) throw unreadable(`it claims ${tensorCount} tensors`)
  if (metadataCount > limits.metadataCount) {
    throw unreadable(`it claims ${metadataCount} metadata entries`)
  }
  const metadata = await readMetadata(cursor, metadataCount)
  const alignment = alignmentOf(metadata)
  const tensors = await readTensorList(cursor, tensorCount, alignment)
  const dataStart = Math.ceil(cursor.position / alignment) * alignment
  checkPlacement(tensors, dataStart, cursor.end)
  return describe(version, metadata, tensors)
}

async function readMetadata(cursor: ByteCursor, count: number): Promise<Map<string, GgufValue>> {
  const metadata = new Map<string, GgufValue>()
  for (let i = 0; i < count; i++) {
    const key = await readString(cursor, limits.keyBytes)
    await cursor.need(4)
    const value = await readValue(cursor, cursor.uint32(), 0)
    if (metadata.has(key)) throw unreadable(`the metadata key "${short(key)}" appears twice`)
    metadata.set(key, value)
    if (cursor.position > limits.headerBytes) throw unreadable('its header is too large')
  }
  return metadata
}

async function readString(cursor: ByteCursor, maxBytes: number): Promise<string> {
  return cursor.text(await readStringLength(cursor, maxBytes))
}

async function readStringLength(cursor: ByteCursor, maxBytes: number): Promise<number> {
  if (!cursor.has(8)) await cursor.need(8)
  const length = cursor.size('a string length')
  if (length > maxBytes) throw unreadable(`a string of ${length} bytes is over ${maxBytes}`)
  return length
}

async function readValue(cursor: ByteCursor, type: number, depth: number): Promise<GgufValue> {
  if (type === typeString) return readString(cursor, limits.stringBytes)
  if (type === typeArray) return readArray(cursor, depth)
  const bytes = fixedBytes[type]
  if (bytes === undefined) throw unreadable(`metadata of unknown type ${type}`)
  await cursor.need(bytes)
  return readFixed(cursor, type)
}

function readFixed(cursor: ByteCursor, type: number): GgufScalar {
  switch (type) {
    case 0:
      return cursor.uint8()
    case 1:
      return cursor.int8()
    case 2:
      return cursor.uint16()
    case 3:
      return cursor.int16()
    case 4:
      return cursor.uint32()
    case 5:
      return cursor.int32()
    case 6:
      return cursor.float32()
    case 7:
      return readBoolean(cursor.uint8())
    case 10:
      return cursor.uint64()
    case 11:
      return cursor.int64()
    default:
      return cursor.float64()
  }
}

function readBoolean(byte: number): boolean {
  if (byte > 1) throw unreadable(`a boolean holds ${byte}`)
  return byte === 1
}

async function readArray(cursor: ByteCursor, depth: number): Promise<GgufArray> {
  if (depth >= limits.arrayDepth) throw unreadable('its metadata arrays are nested too deeply')
  await cursor.need(12)
  const itemType = cursor.uint32()
  const length = cursor.size('an array length')
  if (length > limits.arrayItems) throw unreadable(`a metadata array claims ${length} items`)
  const bytes = fixedBytes[itemType]
  if (bytes !== undefined && length > limits.keptItems) {
    cursor.skip(length * bytes)
    return { length, itemType, items: null }
  }
  if (itemType === typeString && length > limits.keptItems) {
    for (let i = 0; i < length; i++) {
      cursor.skip(await readStringLength(cursor, limits.stringBytes))
      if (cursor.position > limits.headerBytes) throw unreadable('its header is too large')
    }
    return { length, itemType, items: null }
  }
  const items: GgufScalar[] = []
  for (let i = 0; i < length; i++) {
    const item = await readValue(cursor, itemType, depth + 1)
    if (cursor.position > limits.headerBytes) throw unreadable('its header is too large')
    if (typeof item !== 'object' && items.length < limits.keptItems) items.push(item)
  }
  return { length, itemType, items: items.length === length ? items : null }
}

function alignmentOf(metadata: Map<string, GgufValue>): number {
  const alignment = metadata.get('general.alignment') ?? 32
  if (
    typeof alignment !== 'number' ||
    !Number.isInteger(alignment) ||
    alignment < 8 ||
    alignment > limits.alignmentMax ||
    (alignment & (alignment - 1)) !== 0
  ) {
    throw unreadable(`general.alignment ${describeValue(alignment)} is not a power of two from 8`)
  }
  return alignment
}

async function readTensorList(
  cursor: ByteCursor,
  count: number,
  alignment: number,
): Promise<GgufTensor[]> {
  const tensors: GgufTensor[] = []
  const names = new Set<string>()
  for (let i = 0; i < count; i++) {
    const tensor = await readTensor(cursor)
    if (names.has(tensor.name)) throw unreadable(`the tensor "${short(tensor.name)}" appears twice`)
    if (tensor.offset % alignment !== 0) {
      throw unreadable(`the tensor "${short(tensor.name)}" is not aligned to ${alignment} bytes`)
    }
    names.add(tensor.name)
    tensors.push(tensor)
  }
  return tensors
}

async function readTensor(cursor: ByteCursor): Promise<GgufTensor> {
  const name = await readString(cursor, limits.tensorNameBytes)
  await cursor.need(4)
  const dimensions = cursor.uint32()
  if (dimensions < 1 || dimensions > limits.dimensions) {
    throw unreadable(`the tensor "${short(name)}" has ${dimensions} dimensions`)
  }
  await cursor.need(dimensions * 8 + 12)
  const shape: number[] = []
  let elements = 1
  for (let i = 0; i < dimensions; i++) {
    const size = cursor.size('a tensor dimension')
    elements *= size
    if (size < 1 || elements > Number.MAX_SAFE_INTEGER / 8) {
      throw unreadable(`the tensor "${short(name)}" has an impossible shape`)
    }
    shape.push(size)
  }
  const typeNumber = cursor.uint32()
  const type = ggmlTypes.get(typeNumber)
  if (!type) throw unreadable(`the tensor "${short(name)}" has unknown type ${typeNumber}`)
  if (shape[0]! % type.blockSize !== 0) {
    throw unreadable(`the rows of "${short(name)}" do not fill whole ${type.name} blocks`)
  }
  const sizeBytes = (elements / type.blockSize) * type.blockBytes
  return { name, shape, type: type.name, offset: cursor.size('a tensor offset'), sizeBytes }
}

/** Makes offsets absolute, and holds that tensors lie inside the file and do not overlap. */
function checkPlacement(tensors: GgufTensor[], dataStart: number, end: number): void {
  for (const tensor of tensors) {
    tensor.offset += dataStart
    if (tensor.offset + tensor.sizeBytes > end) {
      throw unreadable(`the tensor "${short(tensor.name)}" lies outside the file`)
    }
  }
  const byOffset = [...tensors].sort((a, b) => a.offset - b.offset)
  for (let i = 1; i < byOffset.length; i++) {
    const [previous, tensor] = [byOffset[i - 1]!, byOffset[i]!]
    if (previous.offset + previous.sizeBytes > tensor.offset) {
      throw unreadable(`the tensors "${short(previous.name)}" and "${short(tensor.name)}" overlap`)
    }
  }
}

function describe(
  version: number,
  metadata: Map<string, GgufValue>,
  tensors: GgufTensor[],
): GgufInfo {
  const architecture = metadata.get('general.architecture')
  if (typeof architecture !== 'string' || !/^[\w.-]{1,64}$/.test(architecture)) {
    throw unreadable('general.architecture is missing or is not a name')
  }
  const text = (key: string) => {
    const value = metadata.get(key)
    return typeof value === 'string' ? value : null
  }
  const count = (key: string) => readCount(metadata, `${architecture}.${key}`)
  const sum = (size: (tensor: GgufTensor) => number) =>
    tensors.reduce((total, tensor) => total + size(tensor), 0)
  return {
    version,
    architecture,
    name: text('general.name'),
    contextLength: count('context_length'),
    embeddingLength: count('embedding_length'),
    blockCount: count('block_count'),
    headCount: count('attention.head_count'),
    headCountKv: count('attention.head_count_kv'),
    parameterCount: sum((tensor) => tensor.shape.reduce((product, size) => product * size, 1)),
    chatTemplate: text('tokenizer.chat_template'),
    tokenizer: describeTokenizer(metadata),
    metadata,
    tensors,
    tensorBytes: sum((tensor) => tensor.sizeBytes),
  }
}

/** A hyper-parameter; per-layer arrays count as their largest value. Zero would divide by zero. */
function readCount(metadata: Map<string, GgufValue>, key: string): number | null {
  const value = metadata.get(key)
  if (value === undefined) return null
  const numbers = typeof value === 'object' ? (value.items ?? []) : [value]
  const largest = Math.max(0, ...numbers.map(Number))
  if (typeof value === 'object' && value.items === null) return null
  if (!Number.isInteger(largest) || largest < 1 || largest > 2 ** 31) {
    throw unreadable(`${key} is ${describeValue(value)}`)
  }
  return largest
}

function describeTokenizer(metadata: Map<string, GgufValue>): GgufInfo['tokenizer'] {
  const model = metadata.get('tokenizer.ggml.model')
  if (typeof model !== 'string') return null
  const tokens = metadata.get('tokenizer.ggml.tokens')
  const tokenCount =
    typeof tokens === 'object' && tokens.itemType === typeString ? tokens.length : 0
  for (const key of ['tokenizer.ggml.scores', 'tokenizer.ggml.token_type']) {
    const list = metadata.get(key)
    if (list !== undefined && (typeof list !== 'object' || list.length !== tokenCount)) {
      throw unreadable(`${key} does not have one value per token`)
    }
  }
  const tokenId = (key: string) => {
    const value = metadata.get(key)
    if (value === undefined) return null
    // llama.cpp writes 0xffffffff for "none".
    if (value === 0xffffffff || value === -1) return null
    if (typeof value !== 'number' || value < 0 || value >= tokenCount) {
      throw unreadable(`${key} ${describeValue(value)} is not a token of its vocabulary`)
    }
    return value
  }
  return {
    model,
    tokenCount,
    bosTokenId: tokenId('tokenizer.ggml.bos_token_id'),
    eosTokenId: tokenId('tokenizer.ggml.eos_token_id'),
  }
}

const short = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}...` : text)
const describeValue = (value: GgufValue) =>
  typeof value === 'object' ? 'a list' : short(`${value}`)
