/** Operators that move, repeat or add up numbers. */
import {
  axisOf,
  broadcast,
  broadcastAxes,
  lessOf,
  productOf,
  replaceAt,
  sameShape,
  sumOf,
} from './dimensions.ts'
import { divide, toFloat } from './elementwise.ts'
import {
  applyOne,
  constant,
  type Dimension,
  integers,
  type Operator,
  type Shape,
  shapeError,
  type Tensor,
} from './tensor.ts'

const shapeOperator: Operator = { name: 'Shape' }
const shapeTensor = (x: Tensor) =>
  applyOne(shapeOperator, [x], { type: 'int64', shape: [x.shape.length] })

const reshapeOperator: Operator = {
  name: 'Reshape',
  gradient: ({ inputs: [x] }, [upstream]) => [reshapeLike(upstream!, x!), undefined],
}

/** The numbers of `x` in order, in another shape. At most one length may be new and unknown. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  const target = targetOf(x, shape)
  if (!target) throw shapeError(`[${x.shape}] cannot become [${shape}]: too little is known`)
  return applyOne(reshapeOperator, [x, integers(target)], { type: x.type, shape })
}

/** ONNX's notation: 0 keeps the length at that place, -1 is what is left over. */
function targetOf(x: Tensor, shape: Shape): number[] | undefined {
  if (productOf(x.shape) !== productOf(shape)) {
    throw shapeError(`[${x.shape}] cannot become [${shape}]`)
  }
  const target = shape.map((length, axis) => {
    if (typeof length === 'number') return length
    return x.shape[axis] === length ? 0 : -1
  })
  return target.filter((length) => length === -1).length > 1 ? undefined : target
}

/** `x` in the shape of another tensor with as many numbers. */
export function reshapeLike(x: Tensor, like: Tensor): Tensor {
  if (sameShape(x.shape, like.shape)) return x
  const named = like.shape.filter((length) => typeof length === 'string')
  const target = named.length <= 1 ? like.shape.map((n) => (typeof n === 'number' ? n : -1)) : null
  const shape = target ? integers(target) : shapeTensor(like)
  return applyOne(reshapeOperator, [x, shape], { type: x.type, shape: like.shape })
}

const transposeOperator: Operator = {
  name: 'Transpose',
  gradient: ({ attributes }, [upstream]) => {
    const order = attributes.perm as readonly number[]
    return [
      transpose(
        upstream!,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ]
  },
}

/** Axes in another order: axis `i` of the result is axis `order[i]` of `x`. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => x.shape[axis]!)
  return applyOne(transposeOperator, [x], { type: x.type, shape }, { perm: order })
}

const reduceSumOperator: Operator = {
  name: 'ReduceSum',
  gradient: ({ inputs: [x, axes] }, [upstream]) => [expandReduced(upstream!, x!, axes!), undefined],
}
const reduceMeanOperator: Operator = {
  name: 'ReduceMean',
  gradient: ({ inputs: [x, axes], outputs: [y] }, [upstream]) => [
    divide(expandReduced(upstream!, x!, axes!), repeats(x!, y!)),
    undefined,
  ],
}

/** Gives a reduced gradient its axes back, each of length 1, and repeats it along them. */
function expandReduced(upstream: Tensor, x: Tensor, axes: Tensor): Tensor {
  const reduced = numbersOf(axes)
  const kept = x.shape.map((length, axis) => (reduced.includes(axis) ? 1 : length))
  return expandLike(unsqueezeTo(upstream, kept, reduced), x)
}

/** The numbers of a constant of whole numbers. */
export const numbersOf = (axes: Tensor): number[] =>
  axes.source.kind === 'constant' ? Array.from(axes.source.data as BigInt64Array, Number) : []

const unsqueezeOperator: Operator = {
  name: 'Unsqueeze',
  gradient: ({ inputs: [x] }, [upstream]) => [reshapeLike(upstream!, x!), undefined],
}
function unsqueezeTo(x: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  if (x.shape.length === shape.length) return x
  return applyOne(unsqueezeOperator, [x, integers(axes)], { type: x.type, shape })
}

/** Adds axes of length 1 at these places of the result. */
export function unsqueeze(x: Tensor, axes: readonly number[]): Tensor {
  const rest = [...x.shape]
  const rank = x.shape.length + axes.length
  const counted = axes.map((axis) => axisOf(axis, rank))
  const shape = Array.from({ length: rank }, (_, axis) =>
    counted.includes(axis) ? 1 : rest.shift()!,
  )
  return unsqueezeTo(x, shape, counted)
}

function reduce(operator: Operator) {
  return (x: Tensor, axes: readonly number[], keep = false): Tensor => {
    const counted = axes.map((axis) => axisOf(axis, x.shape.length))
    const shape = x.shape.flatMap((length, axis): Dimension[] => {
      if (!counted.includes(axis)) return [length]
      return keep ? [1] : []
    })
    return applyOne(
      operator,
      [x, integers(counted)],
      { type: x.type, shape },
      { keepdims: keep ? 1 : 0 },
    )
  }
}

/** Adds up along axes; `keep` leaves them with length 1. */
export const reduceSum: (x: Tensor, axes: readonly number[], keep?: boolean) => Tensor =
  reduce(reduceSumOperator)
/** The mean along axes. */
export const reduceMean: (x: Tensor, axes: readonly number[], keep?: boolean) => Tensor =
  reduce(reduceMeanOperator)

export const allAxes = (x: Tensor) => x.shape.map((_, axis) => axis)

const sizeOperator: Operator = { name: 'Size' }
const sizeTensor = (x: Tensor) => toFloat(applyOne(sizeOperator, [x], { type: 'int64', shape: [] }))

/** How many numbers of `x` went into each of `y`. */
function repeats(x: Tensor, y: Tensor): Tensor {
  return divide(sizeTensor(x), sizeTensor(y))
}

const expandOperator: Operator = {
  name: 'Expand',
  gradient: ({ inputs: [x], outputs: [y] }, [upstream]) => {
    const axes = broadcastAxes(x!.shape, y!.shape)
    return [reshapeLike(reduceSum(upstream!, axes, true), x!), undefined]
  },
}

/** Repeats `x` to the shape of another tensor. */
export function expandLike(x: Tensor, like: Tensor): Tensor {
  if (sameShape(x.shape, like.shape)) return x
  const shape = broadcast(x.shape, like.shape)
  return applyOne(expandOperator, [x, shapeTensor(like)], { type: x.type, shape })
}

const concatOperator: Operator = {
  name: 'Concat',
  gradient: ({ inputs, attributes }, [upstream]) => {
    const axis = attributes.axis as number
    let from = 0
    return inputs.map((one) => {
      const length = one.shape[axis]!
      if (typeof length !== 'number') throw shapeError('a part of unknown length was joined')
      from += length
      return slice(upstream!, axis, from - length, from)
    })
  },
}

/** Tensors one after the other along an axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const first = tensors[0]!
  const along = axisOf(axis, first.shape.length)
  const length = sumOf(tensors.map((tensor) => tensor.shape[along]!))
  const shape = replaceAt(first.shape, along, length)
  return applyOne(concatOperator, tensors, { type: first.type, shape }, { axis: along })
}

const sliceOperator: Operator = {
  name: 'Slice',
  gradient: ({ inputs: [x, from, to, axes] }, [upstream]) => {
    const [start, end, axis] = [from!, to!, axes!].map((one) => numbersOf(one)[0]!)
    const whole = x!.shape[axis!]!
    const after = afterSlice(whole, end!)
    return [padZero(upstream!, axis!, start!, after), undefined, undefined, undefined]
  },
}

/** ONNX's way to say "up to the end". */
const toTheEnd = Number.MAX_SAFE_INTEGER

function afterSlice(whole: Dimension, end: number): number {
  if (end === toTheEnd) return 0
  if (end < 0) return -end
  if (typeof whole !== 'number') throw shapeError('a part of an axis of unknown length was cut')
  return whole - end
}

/**
 * What lies from `from` up to, and without, `to` on an axis. A `to` of 0 or less counts from the end, which
 * also works where the length is unknown.
 */
export function slice(x: Tensor, axis: number, from: number, to: number): Tensor {
  const along = axisOf(axis, x.shape.length)
  const whole = x.shape[along]!
  const length = to > 0 ? to - from : lessOf(whole, from - to)
  if (
    from < 0 ||
    (typeof length === 'number' && length < 1) ||
    (typeof whole === 'number' && to > whole)
  ) {
    throw shapeError(`${from} to ${to} is not inside an axis of ${whole}`)
  }
  const end = to === 0 ? toTheEnd : to
  const where = [integers([from]), integers([end]), integers([along])]
  return applyOne(sliceOperator, [x, ...where], {
    type: x.type,
    shape: replaceAt(x.shape, along, length),
  })
}

const padOperator: Operator = {
  name: 'Pad',
  gradient: ({ inputs: [x, widths] }, [upstream]) => {
    const rank = x!.shape.length
    const all = numbersOf(widths!)
    const axis = x!.shape.findIndex((_, at) => all[at]! + all[at + rank]! > 0)
    return [slice(upstream!, axis, all[axis]!, -all[axis + rank]!), undefined]
  },
}

/** Zeros before and after along one axis. */
export function padZero(x: Tensor, axis: number, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return x
  const rank = x.shape.length
  const along = axisOf(axis, rank)
  const widths = new Array<number>(rank * 2).fill(0)
  widths[along] = before
  widths[along + rank] = after
  const shape = replaceAt(x.shape, along, lessOf(x.shape[along]!, -before - after))
  return applyOne(padOperator, [x, integers(widths)], { type: x.type, shape }, { mode: 'constant' })
}

/** Moves numbers along an axis; zeros come in where they left. */
export function shift(x: Tensor, axis: number, by: number): Tensor {
  if (by === 0) return x
  return by > 0
    ? slice(padZero(x, axis, by, 0), axis, 0, -by)
    : slice(padZero(x, axis, 0, -by), axis, -by, 0)
}

const rangeOperator: Operator = { name: 'Range' }
const gatherOperator: Operator = { name: 'Gather' }

/** 0, 1, 2, ... for each place on an axis. */
export function positionsOf(x: Tensor, axis: number): Tensor {
  const along = axisOf(axis, x.shape.length)
  const whole = (value: number) => constant(BigInt64Array.of(BigInt(value)), [])
  const length = applyOne(
    gatherOperator,
    [shapeTensor(x), whole(along)],
    { type: 'int64', shape: [] },
    { axis: 0 },
  )
  return applyOne(rangeOperator, [whole(0), length, whole(1)], {
    type: 'int64',
    shape: [x.shape[along]!],
  })
}
