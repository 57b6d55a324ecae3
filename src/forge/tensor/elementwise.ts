/** Operators that work number by number, with broadcasting where they take two. */
import { broadcast, broadcastAxes, sameShape } from './dimensions.ts'
import { reduceSum, reshapeLike } from './shaping.ts'
import { applyOne, type Operator, scalar, type Tensor } from './tensor.ts'

export type Operand = Tensor | number
const tensorOf = (operand: Operand) => (typeof operand === 'number' ? scalar(operand) : operand)

/** Sums a gradient down to the shape its value had before it was repeated. */
export function unbroadcast(gradient: Tensor, like: Tensor): Tensor {
  if (sameShape(gradient.shape, like.shape)) return gradient
  const axes = broadcastAxes(like.shape, gradient.shape)
  return reshapeLike(axes.length > 0 ? reduceSum(gradient, axes, true) : gradient, like)
}

function binary(
  name: string,
  left: (upstream: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
  right: (upstream: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
) {
  const operator: Operator = {
    name,
    gradient: ({ inputs: [a, b], outputs: [y] }, [upstream]) => [
      unbroadcast(left(upstream!, a!, b!, y!), a!),
      unbroadcast(right(upstream!, a!, b!, y!), b!),
    ],
  }
  return (a: Operand, b: Operand): Tensor => {
    const [one, other] = [tensorOf(a), tensorOf(b)]
    const shape = broadcast(one.shape, other.shape)
    return applyOne(operator, [one, other], { type: one.type, shape })
  }
}

export const add: (a: Operand, b: Operand) => Tensor = binary(
  'Add',
  (upstream) => upstream,
  (upstream) => upstream,
)
export const subtract: (a: Operand, b: Operand) => Tensor = binary(
  'Sub',
  (upstream) => upstream,
  (upstream) => negate(upstream),
)
export const multiply: (a: Operand, b: Operand) => Tensor = binary(
  'Mul',
  (upstream, _, b) => multiply(upstream, b),
  (upstream, a) => multiply(upstream, a),
)
export const divide: (a: Operand, b: Operand) => Tensor = binary(
  'Div',
  (upstream, _, b) => divide(upstream, b),
  (upstream, _, b, y) => negate(multiply(upstream, divide(y, b))),
)
/** The larger of two; where both are equal the gradient goes to the first. */
export const maximum: (a: Operand, b: Operand) => Tensor = binary(
  'Max',
  (upstream, a, b) => choose(greaterOrEqual(a, b), upstream, 0),
  (upstream, a, b) => choose(greaterOrEqual(a, b), 0, upstream),
)

function unary(name: string, slope: (upstream: Tensor, x: Tensor, y: Tensor) => Tensor) {
  const operator: Operator = {
    name,
    gradient: ({ inputs: [x], outputs: [y] }, [upstream]) => [slope(upstream!, x!, y!)],
  }
  return (x: Tensor): Tensor => applyOne(operator, [x], { type: x.type, shape: x.shape })
}

export const negate: (x: Tensor) => Tensor = unary('Neg', (upstream) => negate(upstream))
export const exp: (x: Tensor) => Tensor = unary('Exp', (upstream, _, y) => multiply(upstream, y))
export const log: (x: Tensor) => Tensor = unary('Log', (upstream, x) => divide(upstream, x))
export const sqrt: (x: Tensor) => Tensor = unary('Sqrt', (upstream, _, y) =>
  divide(multiply(upstream, 0.5), y),
)
export const tanh: (x: Tensor) => Tensor = unary('Tanh', (upstream, _, y) =>
  multiply(upstream, subtract(1, multiply(y, y))),
)
export const sigmoid: (x: Tensor) => Tensor = unary('Sigmoid', (upstream, _, y) =>
  multiply(upstream, multiply(y, subtract(1, y))),
)
/** log(1 + e^x), without overflow. */
export const softplus: (x: Tensor) => Tensor = unary('Softplus', (upstream, x) =>
  multiply(upstream, sigmoid(x)),
)
export const relu: (x: Tensor) => Tensor = unary('Relu', (upstream, _, y) =>
  choose(greater(y, 0), upstream, 0),
)
export const abs: (x: Tensor) => Tensor = unary('Abs', (upstream, x) => multiply(upstream, sign(x)))
export const sine: (x: Tensor) => Tensor = unary('Sin', (upstream, x) =>
  multiply(upstream, cosine(x)),
)
export const cosine: (x: Tensor) => Tensor = unary('Cos', (upstream, x) =>
  negate(multiply(upstream, sine(x))),
)
/** The error function. */
export const erf: (x: Tensor) => Tensor = unary('Erf', (upstream, x) =>
  multiply(upstream, multiply(exp(negate(multiply(x, x))), 2 / Math.sqrt(Math.PI))),
)

const signOperator: Operator = { name: 'Sign' }
const sign = (x: Tensor) => applyOne(signOperator, [x], { type: x.type, shape: x.shape })

/** sqrt(2/π) and the cubic term of the tanh form of GELU (Hendrycks and Gimpel, arXiv 1606.08415). */
const geluScale = Math.sqrt(2 / Math.PI)
const geluCubic = 0.044715

/** Gaussian error linear unit, tanh form: x · ½(1 + tanh(√(2/π)(x + 0.044715x³))). */
export function gelu(x: Tensor): Tensor {
  return applyOne(geluOperator, [x], { type: x.type, shape: x.shape }, { approximate: 'tanh' })
}

const geluOperator: Operator = {
  name: 'Gelu',
  // Written with σ(2u) = ½(1 + tanh u), which takes fewer passes over memory than tanh.
  gradient: ({ inputs: [x] }, [upstream]) => {
    const squared = multiply(x!, x!)
    const inner = multiply(x!, add(multiply(squared, 2 * geluScale * geluCubic), 2 * geluScale))
    const gate = sigmoid(inner)
    const slope = add(multiply(squared, 6 * geluScale * geluCubic), 2 * geluScale)
    const bend = multiply(multiply(x!, slope), subtract(1, gate))
    return [multiply(upstream!, multiply(gate, add(bend, 1)))]
  },
}

const compare = (name: string) => {
  const operator: Operator = { name }
  return (a: Operand, b: Operand): Tensor => {
    const [one, other] = [tensorOf(a), tensorOf(b)]
    return applyOne(operator, [one, other], {
      type: 'bool',
      shape: broadcast(one.shape, other.shape),
    })
  }
}
export const greater = compare('Greater')
export const greaterOrEqual = compare('GreaterOrEqual')
export const equal = compare('Equal')

const whereOperator: Operator = {
  name: 'Where',
  gradient: ({ inputs: [condition, yes, no] }, [upstream]) => [
    undefined,
    unbroadcast(choose(condition!, upstream!, 0), yes!),
    unbroadcast(choose(condition!, 0, upstream!), no!),
  ],
}

/** `yes` where the condition holds, else `no`. */
export function choose(condition: Tensor, yes: Operand, no: Operand): Tensor {
  const [one, other] = [tensorOf(yes), tensorOf(no)]
  const shape = broadcast(condition.shape, broadcast(one.shape, other.shape))
  return applyOne(whereOperator, [condition, one, other], { type: one.type, shape })
}

const onnxTypes = { float32: 1, int64: 7, bool: 9 } as const
const castOperator: Operator = { name: 'Cast' }

/** Whole numbers and truth values as numbers; no gradient flows back. */
export const toFloat = (x: Tensor): Tensor =>
  applyOne(castOperator, [x], { type: 'float32', shape: x.shape }, { to: onnxTypes.float32 })
