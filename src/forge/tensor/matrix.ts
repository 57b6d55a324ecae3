/** Products of matrices: `Gemm` for two of them, `MatMul` and onnxruntime's `FusedMatMul` for stacks. */
import { broadcast, broadcastAxes, productOf } from './dimensions.ts'
import { multiply, unbroadcast } from './elementwise.ts'
import { reduceSum, reshape, reshapeLike, transpose } from './shaping.ts'
import {
  applyOne,
  type Dimension,
  type Operator,
  type Shape,
  shapeError,
  type Tensor,
} from './tensor.ts'

export interface ProductOptions {
  /** Takes the last two axes of the first factor the other way round. */
  transposeA?: boolean
  transposeB?: boolean
  /** What the product is multiplied with. */
  scale?: number
}

/** Product over the last two axes; the axes before them are repeated where one factor has none. */
export function matmul(a: Tensor, b: Tensor, options: ProductOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, scale = 1 } = options
  const shape = productShape(a.shape, b.shape, transposeA, transposeB)
  const made = { type: a.type, shape }
  if (a.shape.length === 2 && b.shape.length === 2) {
    const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: scale }
    return applyOne(gemmOperator, [a, b], made, attributes)
  }
  if (!transposeA && !transposeB && scale === 1) return applyOne(matmulOperator, [a, b], made)
  const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: scale }
  return applyOne(fusedOperator, [a, b], made, attributes)
}

function productShape(a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): Shape {
  if (a.length < 2 || b.length < 2) throw shapeError('a product needs matrices')
  const [rows, left] = lastTwo(a, transposeA)
  const [right, columns] = lastTwo(b, transposeB)
  if (left !== right) throw shapeError(`a product of [${a}] and [${b}]: ${left} is not ${right}`)
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), rows, columns]
}

function lastTwo(shape: Shape, swapped: boolean): [Dimension, Dimension] {
  const [one, other] = [shape.at(-2)!, shape.at(-1)!]
  return swapped ? [other, one] : [one, other]
}

/** `x · w + b` for a matrix of rows, in one operator. */
export function affine(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const shape = productShape(x.shape, weight.shape, false, false)
  const attributes = { transA: 0, transB: 0, alpha: 1 }
  return applyOne(gemmOperator, [x, weight, bias], { type: x.type, shape }, attributes)
}

/** Derivatives of op(a)·op(b): each is a product again, its factors in the order the flags ask for. */
function productGradients(
  a: Tensor,
  b: Tensor,
  upstream: Tensor,
  flags: Required<ProductOptions>,
): [a: () => Tensor, b: () => Tensor] {
  const { transposeA, transposeB, scale } = flags
  return [
    () =>
      transposeA
        ? matmul(b, upstream, { transposeA: transposeB, transposeB: true, scale })
        : matmul(upstream, b, { transposeB: !transposeB, scale }),
    () =>
      transposeB
        ? matmul(upstream, a, { transposeA: true, transposeB: transposeA, scale })
        : matmul(a, upstream, { transposeA: !transposeA, scale }),
  ]
}

const gemmOperator: Operator = {
  name: 'Gemm',
  gradient: ({ inputs: [a, b, bias], attributes }, [upstream]) => {
    const [left, right] = productGradients(a!, b!, upstream!, flagsOf(attributes))
    return [left(), right(), ...(bias ? [unbroadcast(upstream!, bias)] : [])]
  },
}

function flagsOf(attributes: Readonly<Record<string, unknown>>): Required<ProductOptions> {
  return {
    transposeA: attributes.transA === 1,
    transposeB: attributes.transB === 1,
    scale: (attributes.alpha as number | undefined) ?? 1,
  }
}

function stackedGradient(
  a: Tensor,
  b: Tensor,
  upstream: Tensor,
  flags: Required<ProductOptions>,
): Tensor[] {
  const [left, right] = productGradients(a, b, upstream, flags)
  return [sumRepeated(left(), a), weightGradient(a, b, upstream, flags, right)]
}

/** A weight shared by a whole stack gets one product over all rows, instead of a stack of products to add. */
function weightGradient(
  a: Tensor,
  b: Tensor,
  upstream: Tensor,
  flags: Required<ProductOptions>,
  stacked: () => Tensor,
): Tensor {
  if (b.shape.length !== 2 || flags.transposeA) return sumRepeated(stacked(), b)
  const [rowsA, rowsUp] = [asRows(a), asRows(upstream)]
  const { scale } = flags
  return flags.transposeB
    ? matmul(rowsUp, rowsA, { transposeA: true, scale })
    : matmul(rowsA, rowsUp, { transposeA: true, scale })
}

/** All axes but the last one as one. */
export function asRows(x: Tensor): Tensor {
  if (x.shape.length === 2) return x
  return reshape(x, [productOf(x.shape.slice(0, -1)), x.shape.at(-1)!])
}

function sumRepeated(gradient: Tensor, like: Tensor): Tensor {
  const axes = broadcastAxes(like.shape, gradient.shape)
  return axes.length === 0 ? gradient : reshapeLike(reduceSum(gradient, axes, true), like)
}

const matmulOperator: Operator = {
  name: 'MatMul',
  gradient: ({ inputs: [a, b] }, [upstream]) =>
    stackedGradient(a!, b!, upstream!, { transposeA: false, transposeB: false, scale: 1 }),
}

const fusedOperator: Operator = {
  name: 'FusedMatMul',
  domain: 'com.microsoft',
  gradient: ({ inputs: [a, b], attributes }, [upstream]) =>
    stackedGradient(a!, b!, upstream!, flagsOf(attributes)),
}

/** Sum over the products of numbers at the same place of the last axis. */
export const dot = (a: Tensor, b: Tensor): Tensor => reduceSum(multiply(a, b), [-1])

/** The last two axes the other way round. */
export function transposeLast(x: Tensor): Tensor {
  const rank = x.shape.length
  const order = Array.from({ length: rank }, (_, axis) => axis)
  order[rank - 2] = rank - 1
  order[rank - 1] = rank - 2
  return transpose(x, order)
}
