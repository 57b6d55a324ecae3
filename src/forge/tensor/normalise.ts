/** Operators over a whole axis: softmax, its logarithm, layer normalisation, the largest number. */
import { axisOf, replaceAt } from './dimensions.ts'
import { add, equal, exp, multiply, subtract, toFloat, unbroadcast } from './elementwise.ts'
import { numbersOf, reduceMean, reduceSum, unsqueeze } from './shaping.ts'
import { apply, applyOne, integers, type Operator, type Tensor } from './tensor.ts'

const softmaxOperator: Operator = {
  name: 'Softmax',
  gradient: ({ outputs: [y] }, [upstream]) => {
    const weighted = multiply(upstream!, y!)
    return [subtract(weighted, multiply(y!, reduceSum(weighted, [-1], true)))]
  },
}

/** Shares that add up to 1 along the last axis. */
export const softmax = (x: Tensor): Tensor =>
  applyOne(softmaxOperator, [x], { type: x.type, shape: x.shape }, { axis: -1 })

const logSoftmaxOperator: Operator = {
  name: 'LogSoftmax',
  gradient: ({ outputs: [y] }, [upstream]) => [
    subtract(upstream!, multiply(exp(y!), reduceSum(upstream!, [-1], true))),
  ],
}

/** Logarithms of shares that add up to 1 along the last axis. */
export const logSoftmax = (x: Tensor): Tensor =>
  applyOne(logSoftmaxOperator, [x], { type: x.type, shape: x.shape }, { axis: -1 })

const layerNormOperator: Operator = {
  name: 'LayerNormalization',
  gradient: ({ inputs: [x, scale, bias], outputs: [, mean, inverse] }, [upstream]) => {
    const centred = multiply(subtract(x!, mean!), inverse!)
    const scaled = multiply(upstream!, scale!)
    const pull = add(
      reduceMean(scaled, [-1], true),
      multiply(centred, reduceMean(multiply(scaled, centred), [-1], true)),
    )
    return [
      multiply(inverse!, subtract(scaled, pull)),
      unbroadcast(multiply(upstream!, centred), scale!),
      unbroadcast(upstream!, bias!),
    ]
  },
}

/** Each row of the last axis with mean 0 and variance 1, scaled and shifted (Ba et al., arXiv 1607.06450). */
export function layerNorm(x: Tensor, scale: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  const last = axisOf(-1, x.shape.length)
  const row = { type: x.type, shape: replaceAt(x.shape, last, 1) }
  const made = [{ type: x.type, shape: x.shape }, row, row]
  return apply(layerNormOperator, [x, scale, bias], made, { axis: -1, epsilon })[0]!
}

const reduceMaxOperator: Operator = {
  name: 'ReduceMax',
  // Where several are the largest they share the gradient.
  gradient: ({ inputs: [x, axes], outputs: [y], attributes }, [upstream]) => {
    const axis = numbersOf(axes!)[0]!
    const keep = attributes.keepdims === 1
    const whole = (tensor: Tensor) => (keep ? tensor : unsqueeze(tensor, [axis]))
    const mask = toFloat(equal(x!, whole(y!)))
    const shares = multiply(mask, whole(upstream!))
    const count = reduceSum(mask, [axis], true)
    return [multiply(shares, reciprocal(count)), undefined]
  },
}

const reciprocalOperator: Operator = { name: 'Reciprocal' }
const reciprocal = (x: Tensor) =>
  applyOne(reciprocalOperator, [x], { type: x.type, shape: x.shape })

/** The largest number along an axis. */
export function reduceMax(x: Tensor, axis: number, keep = false): Tensor {
  const along = axisOf(axis, x.shape.length)
  const shape = keep ? replaceAt(x.shape, along, 1) : x.shape.filter((_, at) => at !== along)
  const attributes = { keepdims: keep ? 1 : 0 }
  return applyOne(reduceMaxOperator, [x, integers([along])], { type: x.type, shape }, attributes)
}
