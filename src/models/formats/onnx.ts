/**
 * Reads and validates an ONNX file before native code sees it: a bounded walk over its protobuf
 * messages that reads names, shapes and types and skips the weights. Refused are tensors whose
 * data lies in other files (a path into our file system), tensors whose data does not fit their
 * shape, and graphs nested absurdly deep. Field numbers after onnx.proto3.
 */
import { ByteCursor, type ByteSource, unreadable } from './byte-source.ts'
import { eachNumber, type Field, readField } from './protobuf.ts'

export interface OnnxValue {
  name: string
  /** ONNX element type, e.g. `float32`; null for sequences, maps and optionals. */
  type: string | null
  /** A number, a named dimension, or null when unknown; null as a whole: rank unknown. */
  shape: (number | string | null)[] | null
}

export interface OnnxInfo {
  irVersion: number
  producer: string
  /** Operator set versions by domain; the default domain is the empty string. */
  opsets: Map<string, number>
  inputs: OnnxValue[]
  outputs: OnnxValue[]
  operators: Set<string>
  initializerCount: number
  parameterCount: number
  /** Bytes of all weights. */
  tensorBytes: number
}

const limits = {
  fileBytes: 2 ** 31,
  graphDepth: 16,
  messages: 5_000_000,
  nameBytes: 65_536,
  values: 65_536,
  dimensions: 64,
}

/** Bytes per element by ONNX element type; 0 for strings, which have no fixed size. */
const elementTypes: ReadonlyMap<number, { name: string; bits: number }> = new Map([
  [1, { name: 'float32', bits: 32 }],
  [2, { name: 'uint8', bits: 8 }],
  [3, { name: 'int8', bits: 8 }],
  [4, { name: 'uint16', bits: 16 }],
  [5, { name: 'int16', bits: 16 }],
  [6, { name: 'int32', bits: 32 }],
  [7, { name: 'int64', bits: 64 }],
  [8, { name: 'string', bits: 0 }],
  [9, { name: 'bool', bits: 8 }],
  [10, { name: 'float16', bits: 16 }],
  [11, { name: 'float64', bits: 64 }],
  [12, { name: 'uint32', bits: 32 }],
  [13, { name: 'uint64', bits: 64 }],
  [14, { name: 'complex64', bits: 64 }],
  [15, { name: 'complex128', bits: 128 }],
  [16, { name: 'bfloat16', bits: 16 }],
  [17, { name: 'float8e4m3fn', bits: 8 }],
  [18, { name: 'float8e4m3fnuz', bits: 8 }],
  [19, { name: 'float8e5m2', bits: 8 }],
  [20, { name: 'float8e5m2fnuz', bits: 8 }],
  [21, { name: 'uint4', bits: 4 }],
  [22, { name: 'int4', bits: 4 }],
  [23, { name: 'float4e2m1', bits: 4 }],
])

export async function readOnnx(source: ByteSource): Promise<OnnxInfo> {
  if (source.sizeBytes > limits.fileBytes) throw unreadable('an ONNX file cannot exceed 2 GiB')
  if (source.sizeBytes === 0) throw unreadable('it is empty')
  return new OnnxReader(new ByteCursor(source)).read()
}

class OnnxReader {
  readonly #cursor: ByteCursor
  #messages = 0
  #hasGraph = false
  readonly #info: OnnxInfo = {
    irVersion: 0,
    producer: '',
    opsets: new Map(),
    inputs: [],
    outputs: [],
    operators: new Set(),
    initializerCount: 0,
    parameterCount: 0,
    tensorBytes: 0,
  }

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor
  }

  async read(): Promise<OnnxInfo> {
    const info = this.#info
    await this.#message(this.#cursor.end, async (field) => {
      if (field.number === 1 && field.wireType === 0) info.irVersion = toNumber(field.value)
      else if (field.number === 2) info.producer = await this.#text(field)
      else if (field.number === 7) {
        if (this.#hasGraph) throw unreadable('it holds two graphs')
        this.#hasGraph = true
        await this.#graph(field, 0)
      } else if (field.number === 8) await this.#opset(field)
      else if (field.number === 25) await this.#function(field)
    })
    if (!this.#hasGraph || info.irVersion < 1 || info.irVersion > 1000) {
      throw unreadable('it is not an ONNX file')
    }
    if (info.opsets.size === 0) throw unreadable('it names no operator set')
    return info
  }

  /** Visits the fields of a message up to `end`; what the visitor leaves unread is skipped. */
  async #message(end: number, visit: (field: Field) => Promise<void>): Promise<void> {
    if (++this.#messages > limits.messages) throw unreadable('it has too many parts')
    while (this.#cursor.position < end) {
      const field = await readField(this.#cursor, end)
      if (++this.#messages > limits.messages) throw unreadable('it has too many parts')
      const after = this.#cursor.position + field.length
      await visit(field)
      if (this.#cursor.position > after) throw unreadable('a part is longer than its whole')
      this.#cursor.skip(after - this.#cursor.position)
    }
  }

  #inside(field: Field): number {
    if (field.wireType !== 2) throw unreadable('a message is something else')
    return this.#cursor.position + field.length
  }

  async #text(field: Field): Promise<string> {
    if (field.wireType !== 2) throw unreadable('a text is something else')
    if (field.length > limits.nameBytes) throw unreadable(`a name of ${field.length} bytes`)
    return this.#cursor.text(field.length)
  }

  async #opset(field: Field): Promise<void> {
    let [domain, version] = ['', 0]
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 1) domain = await this.#text(part)
      if (part.number === 2 && part.wireType === 0) version = toNumber(part.value)
    })
    if (this.#info.opsets.size >= 100) throw unreadable('it names too many operator sets')
    this.#info.opsets.set(domain === 'ai.onnx' ? '' : domain, version)
  }

  async #function(field: Field): Promise<void> {
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 7) await this.#node(part, 1)
    })
  }

  async #graph(field: Field, depth: number): Promise<void> {
    if (depth > limits.graphDepth) throw unreadable('its graphs are nested too deeply')
    const initialized = new Set<string>()
    const inputs: OnnxValue[] = []
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 1) await this.#node(part, depth)
      else if (part.number === 5) initialized.add(await this.#tensor(part))
      else if (part.number === 15) await this.#sparseTensor(part)
      else if (part.number === 11 && depth === 0) inputs.push(await this.#value(part))
      else if (part.number === 12 && depth === 0) this.#info.outputs.push(await this.#value(part))
      if (inputs.length + this.#info.outputs.length > limits.values) {
        throw unreadable('it has too many inputs or outputs')
      }
    })
    // Old files list their weights among the inputs.
    if (depth === 0) this.#info.inputs = inputs.filter(({ name }) => !initialized.has(name))
  }

  async #node(field: Field, depth: number): Promise<void> {
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 4 && this.#info.operators.size < 10_000) {
        this.#info.operators.add(await this.#text(part))
      } else if (part.number === 5) await this.#attribute(part, depth)
    })
  }

  async #attribute(field: Field, depth: number): Promise<void> {
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 5 || part.number === 10) await this.#tensor(part)
      else if (part.number === 6 || part.number === 11) await this.#graph(part, depth + 1)
      else if (part.number === 22 || part.number === 23) await this.#sparseTensor(part)
    })
  }

  async #sparseTensor(field: Field): Promise<void> {
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 1 || part.number === 2) await this.#tensor(part)
    })
  }

  /** Checks one tensor and returns its name. */
  async #tensor(field: Field): Promise<string> {
    let [name, type, elements, dimensions] = ['', 0, 1, 0]
    let rawBytes: number | null = null
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 1) {
        await eachNumber(this.#cursor, part, (size) => {
          elements *= toNumber(BigInt.asIntN(64, size))
          if (++dimensions > limits.dimensions) throw unreadable('a tensor has too many dimensions')
        })
      } else if (part.number === 2 && part.wireType === 0) type = toNumber(part.value)
      else if (part.number === 8) name = await this.#text(part)
      else if (part.number === 9) rawBytes = part.length
      else if (part.number === 13 || (part.number === 14 && part.value !== 0n)) {
        throw unreadable('it keeps tensors in other files, which is not allowed')
      }
    })
    const element = elementTypes.get(type)
    if (!element) throw unreadable(`a tensor of unknown type ${type}`)
    if (!(elements >= 0 && elements <= limits.fileBytes * 8)) {
      throw unreadable('a tensor has an impossible shape')
    }
    const bytes = Math.ceil((elements * element.bits) / 8)
    if (rawBytes !== null && rawBytes !== bytes) {
      throw unreadable(`the tensor "${name.slice(0, 80)}" does not fit its shape`)
    }
    this.#info.initializerCount++
    this.#info.parameterCount += elements
    this.#info.tensorBytes += rawBytes ?? field.length
    return name
  }

  async #value(field: Field): Promise<OnnxValue> {
    const value: OnnxValue = { name: '', type: null, shape: null }
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 1) value.name = await this.#text(part)
      else if (part.number === 2) {
        await this.#message(this.#inside(part), async (kind) => {
          if (kind.number === 1) await this.#tensorType(kind, value)
        })
      }
    })
    return value
  }

  async #tensorType(field: Field, value: OnnxValue): Promise<void> {
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 1 && part.wireType === 0) {
        value.type = elementTypes.get(toNumber(part.value))?.name ?? null
      } else if (part.number === 2) {
        const shape: OnnxValue['shape'] = []
        value.shape = shape
        await this.#message(this.#inside(part), async (dimension) => {
          if (dimension.number !== 1) return
          if (shape.length >= limits.dimensions) throw unreadable('a value has too many dimensions')
          shape.push(await this.#dimension(dimension))
        })
      }
    })
  }

  async #dimension(field: Field): Promise<number | string | null> {
    let size: number | string | null = null
    await this.#message(this.#inside(field), async (part) => {
      if (part.number === 1 && part.wireType === 0) {
        size = toNumber(BigInt.asIntN(64, part.value))
      } else if (part.number === 2) size = await this.#text(part)
    })
    return size
  }
}

function toNumber(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw unreadable('a number is absurdly large')
  return number
}
