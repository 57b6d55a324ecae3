/** Writes a graph as an ONNX model (onnx.proto3 of ONNX 1.16, IR version 9). */
import { nodesOf } from './gradient.ts'
import type { Attribute, ConstantData, ElementType, Node, Shape, Tensor } from './tensor.ts'

const irVersion = 9
const operatorSet = 20
const elementTypes: Record<ElementType, number> = { float32: 1, int8: 3, int64: 7, bool: 9 }
const floatAttributes = new Set(['alpha', 'beta', 'epsilon'])
const attributeTypes = { float: 1, int: 2, string: 3, floats: 6, ints: 7, strings: 8 }

export interface OnnxModel {
  /** Named outputs. */
  outputs: Record<string, Tensor>
  /** Numbers of parameters to keep inside the model; the others are inputs. */
  weights?: ReadonlyMap<string, Float32Array>
  /** Tensors that are fed under these names instead of being computed. */
  given?: ReadonlyMap<Tensor, string>
  /** What the model says of itself. */
  properties?: Record<string, string>
}

export interface WrittenModel {
  bytes: Uint8Array
  /** Names of what is fed, with type and shape, in the order of first use. */
  inputs: { name: string; type: ElementType; shape: Shape }[]
  nodeCount: number
}

/** The model as bytes: the same graph gives the same bytes. */
export function writeOnnx({ outputs, weights, given, properties = {} }: OnnxModel): WrittenModel {
  const graph = new GraphWriter(weights, given)
  const nodes = nodesOf(Object.values(outputs), given)
  const named = new Map<Tensor, string>()
  for (const [name, tensor] of Object.entries(outputs)) named.set(tensor, name)
  const parts: Uint8Array[] = []
  for (const node of nodes) parts.push(message(1, graph.node(node, named)))
  for (const [name, tensor] of Object.entries(outputs)) {
    // What is an output twice, or is fed itself, needs a node of its own.
    if (graph.nameOf(tensor) !== name) {
      const copy = [text(1, graph.nameOf(tensor)), text(2, name), text(4, 'Identity')]
      parts.push(message(1, copy))
    }
    parts.push(message(12, valueInfo(name, tensor.type, tensor.shape)))
  }
  const inputs = [...graph.inputs.values()]
  for (const { name, type, shape } of inputs) parts.push(message(11, valueInfo(name, type, shape)))
  parts.push(...graph.initialisers.map((one) => message(5, one)), text(2, 'forge'))
  const opset = (domain: string, version: number) => [text(1, domain), number(2, version)]
  const bytes = concatenate([
    number(1, irVersion),
    text(2, 'bastide-forge'),
    message(7, parts),
    message(8, opset('', operatorSet)),
    message(8, opset('com.microsoft', 1)),
    message(8, opset('ai.onnx.ml', 3)),
    ...Object.entries(properties).map(([key, value]) =>
      message(14, [text(1, key), text(2, value)]),
    ),
  ])
  return { bytes, inputs, nodeCount: nodes.length }
}

class GraphWriter {
  readonly inputs = new Map<string, { name: string; type: ElementType; shape: Shape }>()
  readonly initialisers: Uint8Array[][] = []
  readonly #names = new Map<Tensor, string>()
  readonly #constants = new Map<string, string>()
  readonly #weights: ReadonlyMap<string, Float32Array> | undefined
  readonly #given: ReadonlyMap<Tensor, string> | undefined
  #count = 0

  constructor(
    weights: ReadonlyMap<string, Float32Array> | undefined,
    given: ReadonlyMap<Tensor, string> | undefined,
  ) {
    this.#weights = weights
    this.#given = given
  }

  node(node: Node, named: ReadonlyMap<Tensor, string>): Uint8Array[] {
    const inputs = node.inputs.map((one) => text(1, this.nameOf(one)))
    const outputs = node.outputs.map((one) => {
      const name = named.get(one) ?? `t${this.#count++}`
      this.#names.set(one, name)
      return text(2, name)
    })
    const { name, domain } = node.operator
    return [
      ...inputs,
      ...outputs,
      text(4, name),
      ...Object.entries(node.attributes).map(([key, value]) => message(5, attribute(key, value))),
      ...(domain ? [text(7, domain)] : []),
    ]
  }

  nameOf(tensor: Tensor): string {
    const known = this.#names.get(tensor)
    if (known !== undefined) return known
    const name = this.#introduce(tensor)
    this.#names.set(tensor, name)
    return name
  }

  /** Names what no node makes. */
  #introduce(tensor: Tensor): string {
    const { source, type, shape } = tensor
    const fed = this.#given?.get(tensor)
    if (fed !== undefined) {
      this.inputs.set(fed, { name: fed, type, shape })
      return fed
    }
    if (source.kind === 'node') throw new Error('a tensor is used before its node')
    if (source.kind === 'constant') return this.#constant(source.data, tensor)
    const { name } = source
    const weights = source.kind === 'parameter' ? this.#weights?.get(name) : undefined
    if (weights) this.initialisers.push(tensorProto(name, weights, tensor))
    else this.inputs.set(name, { name, type, shape })
    return name
  }

  /** Equal constants are one. */
  #constant(data: ConstantData, tensor: Tensor): string {
    const key = `${tensor.type} ${tensor.shape} ${Buffer.from(bytesOf(data)).toString('latin1')}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const name = `c${this.#constants.size}`
    this.#constants.set(key, name)
    this.initialisers.push(tensorProto(name, data, tensor))
    return name
  }
}

const bytesOf = (data: ConstantData) =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const tensorProto = (name: string, data: ConstantData, { type, shape }: Tensor): Uint8Array[] => [
  ...shape.map((length) => number(1, Number(length))),
  number(2, elementTypes[type]),
  text(8, name),
  field(9, bytesOf(data)),
]

function valueInfo(name: string, type: ElementType, shape: Shape): Uint8Array[] {
  const lengths = shape.map((length) =>
    message(1, [typeof length === 'number' ? number(1, length) : text(2, length)]),
  )
  const tensorType = [number(1, elementTypes[type]), message(2, lengths)]
  return [text(1, name), message(2, [message(1, tensorType)])]
}

function attribute(name: string, value: Attribute): Uint8Array[] {
  if (typeof value === 'string') {
    return [text(1, name), text(4, value), number(20, attributeTypes.string)]
  }
  if (value instanceof Float32Array) {
    return [
      text(1, name),
      ...Array.from(value, (one) => float(7, one)),
      number(20, attributeTypes.floats),
    ]
  }
  if (typeof value !== 'number') {
    const strings = value.some((one) => typeof one === 'string')
    const type = strings ? attributeTypes.strings : attributeTypes.ints
    const all = value.map((one) => (typeof one === 'string' ? text(9, one) : number(8, one)))
    return [text(1, name), ...all, number(20, type)]
  }
  if (!floatAttributes.has(name)) {
    return [text(1, name), number(3, value), number(20, attributeTypes.int)]
  }
  return [text(1, name), float(2, value), number(20, attributeTypes.float)]
}

/** A number of 64 bits, as protobuf has it: negative ones take ten bytes. */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return bytes
}

function float(id: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5)
  bytes[0] = id * 8 + 5
  new DataView(bytes.buffer).setFloat32(1, value, true)
  return bytes
}

const number = (id: number, value: number) => Uint8Array.from([...varint(id * 8), ...varint(value)])

function field(id: number, payload: Uint8Array): Uint8Array {
  return concatenate([Uint8Array.from([...varint(id * 8 + 2), ...varint(payload.length)]), payload])
}
const text = (id: number, value: string) => field(id, Buffer.from(value))
const message = (id: number, parts: readonly Uint8Array[]) => field(id, concatenate(parts))

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
