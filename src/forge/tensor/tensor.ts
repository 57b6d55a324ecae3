/**
 * Values of a computation that is written down first and run later by onnxruntime. A tensor here has a
 * type and a shape but no numbers; functions over tensors (`add`, `matmul`, ...) make nodes that map one to
 * one to ONNX operators. `gradient.ts` adds the nodes of the derivative, `onnx-model.ts` writes the model.
 */
import { AppError } from '../../errors.ts'

/** A length known only when the graph runs has a name; equal names are equal lengths. */
export type Dimension = number | string
export type Shape = readonly Dimension[]
export type ElementType = 'float32' | 'int64' | 'int8' | 'bool'
/** Lists of whole numbers are arrays, lists of others are `Float32Array`s. */
export type Attribute = number | readonly number[] | Float32Array | string | readonly string[]
export type ConstantData = Float32Array | BigInt64Array | Int8Array | Uint8Array

export interface Tensor {
  readonly type: ElementType
  readonly shape: Shape
  readonly source: Source
}

export type Source =
  | { kind: 'input'; name: string }
  | { kind: 'parameter'; name: string }
  | { kind: 'constant'; data: ConstantData }
  | { kind: 'node'; node: Node; index: number }

export interface Node {
  readonly operator: Operator
  readonly inputs: readonly Tensor[]
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly outputs: readonly Tensor[]
}

export interface Operator {
  /** Name in ONNX. */
  readonly name: string
  /** `com.microsoft`: onnxruntime's own operators; `ai.onnx.ml`: those of classical models. */
  readonly domain?: 'com.microsoft' | 'ai.onnx.ml'
  /**
   * The gradients of the inputs from those of the outputs (undefined where nothing depends on it). Absent:
   * nothing flows through (comparisons, indices).
   */
  readonly gradient?: (
    node: Node,
    upstream: readonly (Tensor | undefined)[],
  ) => (Tensor | undefined)[]
}

export interface Made {
  type: ElementType
  shape: Shape
}

/** Applies an operator; `made` are the types and shapes of what it gives. */
export function apply(
  operator: Operator,
  inputs: readonly Tensor[],
  made: readonly Made[],
  attributes: Record<string, Attribute> = {},
): Tensor[] {
  const outputs: Tensor[] = []
  const node: Node = { operator, inputs, attributes, outputs }
  for (const [index, one] of made.entries()) {
    outputs.push({ ...one, source: { kind: 'node', node, index } })
  }
  return outputs
}

/** `apply` for operators with one output. */
export function applyOne(
  operator: Operator,
  inputs: readonly Tensor[],
  made: Made,
  attributes: Record<string, Attribute> = {},
): Tensor {
  return apply(operator, inputs, [made], attributes)[0]!
}

/** What is fed at each run. */
export function input(name: string, shape: Shape, type: ElementType = 'float32'): Tensor {
  return { type, shape, source: { kind: 'input', name } }
}

/** What training changes. Its lengths are known. */
export function parameter(name: string, shape: readonly number[]): Tensor {
  return { type: 'float32', shape, source: { kind: 'parameter', name } }
}

export function constant(data: ConstantData, shape: readonly number[]): Tensor {
  const size = sizeOf(shape)
  if (size !== data.length) {
    throw shapeError(`a constant of ${data.length} numbers cannot have the shape [${shape}]`)
  }
  return { type: typeOf(data), shape, source: { kind: 'constant', data } }
}

export const scalar = (value: number) => constant(Float32Array.of(value), [])
export const integers = (values: readonly number[]) =>
  constant(BigInt64Array.from(values, BigInt), [values.length])

function typeOf(data: ConstantData): ElementType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Int8Array) return 'int8'
  return data instanceof BigInt64Array ? 'int64' : 'bool'
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1)

/** A mistake of the program that builds the graph, or a model whose parts do not fit. */
export const shapeError = (what: string) =>
  new AppError('internal', `The computation cannot be built: ${what}.`)
