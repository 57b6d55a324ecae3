/** Arithmetic of lengths of which some are only names until the graph runs. */
import { type Dimension, type Shape, shapeError } from './tensor.ts'

/** The shape two tensors have together, by ONNX's rules (NumPy's broadcasting). */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, index) => {
    const left = a[index - rank + a.length] ?? 1
    const right = b[index - rank + b.length] ?? 1
    if (left === right || right === 1) return left
    if (left === 1) return right
    throw shapeError(`[${a}] and [${b}] do not go together`)
  })
}

/** Axes of `wide` along which a tensor of the shape `narrow` was repeated. */
export function broadcastAxes(narrow: Shape, wide: Shape): number[] {
  const axes: number[] = []
  for (const [axis, length] of wide.entries()) {
    const own = narrow[axis - wide.length + narrow.length]
    if (own === undefined || (own === 1 && length !== 1)) axes.push(axis)
  }
  return axes
}

export const sameShape = (a: Shape, b: Shape) =>
  a.length === b.length && a.every((length, axis) => length === b[axis])

/** An axis counted from the front; -1 is the last one. */
export function axisOf(axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis
  if (counted >= 0 && counted < rank) return counted
  throw shapeError(`there is no axis ${axis} among ${rank}`)
}

export const replaceAt = (shape: Shape, axis: number, length: Dimension): Shape =>
  shape.map((own, index) => (index === axis ? length : own))

export function sumOf(lengths: readonly Dimension[]): Dimension {
  const known = lengths.filter((length) => typeof length === 'number')
  const named = lengths.filter((length) => typeof length === 'string')
  const total = known.reduce((sum, length) => sum + length, 0)
  return named.length === 0 ? total : lessOf(named.join('+'), -total)
}

/** A length less a number: `length-2` and two more are `length` again. */
export function lessOf(length: Dimension, by: number): Dimension {
  if (typeof length === 'number') return length - by
  const [, name, known = '0'] = /^(.*?)([+-]\d+)?$/.exec(length)!
  const rest = Number(known) - by
  return rest === 0 ? name! : `${name}${rest > 0 ? '+' : ''}${rest}`
}

/** Product of lengths; equal products have equal names, in whatever order and steps they were made. */
export function productOf(lengths: readonly Dimension[]): Dimension {
  const factors = lengths.flatMap((length) =>
    typeof length === 'number' ? [length] : factorsOf(length),
  )
  const total = factors.reduce<number>(
    (size, one) => (typeof one === 'number' ? size * one : size),
    1,
  )
  const named = factors.filter((one) => typeof one === 'string').sort()
  if (named.length === 0) return total
  return [...(total === 1 ? [] : [total]), ...named].join('*')
}

/** `14*batch` as 14 and `batch`; sums stay whole. */
function factorsOf(name: string): Dimension[] {
  if (/[+(-]/.test(name)) return [name]
  return name.split('*').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
