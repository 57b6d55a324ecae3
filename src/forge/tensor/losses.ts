/** Losses: one number that training makes smaller. Each is a mean over what counts. */
import { productOf } from './dimensions.ts'
import {
  abs,
  add,
  divide,
  equal,
  exp,
  maximum,
  multiply,
  negate,
  softplus,
  subtract,
  toFloat,
} from './elementwise.ts'
import { oneHot } from './lookup.ts'
import { asRows, matmul } from './matrix.ts'
import { logSoftmax } from './normalise.ts'
import { allAxes, positionsOf, reduceMean, reduceSum, reshape, unsqueeze } from './shaping.ts'
import { apply, type Operator, type Tensor } from './tensor.ts'

/** Mean of all numbers. */
export const mean = (x: Tensor): Tensor => reduceMean(x, allAxes(x))

/** Mean of the numbers whose `weight` is not 0, by weight. */
function weightedMean(x: Tensor, weights: Tensor): Tensor {
  const total = maximum(reduceSum(weights, allAxes(weights)), 1e-6)
  return divide(reduceSum(multiply(x, weights), allAxes(x)), total)
}

const crossEntropyOperator: Operator = {
  name: 'SoftmaxCrossEntropyLoss',
  gradient: ({ inputs: [scores, labels], outputs: [, logs] }, [upstream, upstreamLogs]) => {
    const shares = exp(logs!)
    const width = scores!.shape[1] as number
    const direct =
      upstream && multiply(subtract(shares, oneHot(labels!, width)), unsqueeze(upstream, [1]))
    const through =
      upstreamLogs && subtract(upstreamLogs, multiply(shares, reduceSum(upstreamLogs, [-1], true)))
    return [direct && through ? add(direct, through) : (direct ?? through), undefined]
  },
}

export interface CrossEntropyOptions {
  /** Share of the probability spread over all classes (Szegedy et al., arXiv 1512.00567). */
  smoothing?: number
  /** How much each row counts, in the shape of the labels; 0 leaves it out. */
  weights?: Tensor
}

/** Of scores [..., classes] against class numbers [...]: -log of the probability of the right class. */
export function crossEntropy(
  scores: Tensor,
  labels: Tensor,
  { smoothing = 0, weights }: CrossEntropyOptions = {},
): Tensor {
  const rows = asRows(scores)
  const flatLabels = reshape(labels, [productOf(labels.shape)])
  const made = [
    { type: scores.type, shape: flatLabels.shape },
    { type: scores.type, shape: rows.shape },
  ]
  const [right, logs] = apply(crossEntropyOperator, [rows, flatLabels], made, { reduction: 'none' })
  const losses =
    smoothing === 0
      ? right!
      : subtract(multiply(right!, 1 - smoothing), multiply(reduceMean(logs!, [-1]), smoothing))
  return weights ? weightedMean(losses, reshape(weights, flatLabels.shape)) : mean(losses)
}

/** Of scores against 0 or 1 at each place: -log of the probability of the right answer. */
export const binaryCrossEntropy = (scores: Tensor, targets: Tensor): Tensor =>
  mean(subtract(softplus(scores), multiply(scores, targets)))

export const meanSquared = (predicted: Tensor, targets: Tensor): Tensor => {
  const difference = subtract(predicted, targets)
  return mean(multiply(difference, difference))
}

export const meanAbsolute = (predicted: Tensor, targets: Tensor): Tensor =>
  mean(abs(subtract(predicted, targets)))

/**
 * Contrastive (van den Oord et al., arXiv 1807.03748, both directions): row i of `left` belongs to row i of
 * `right`, and every other row of the batch is a wrong answer. Rows are unit vectors.
 */
export function contrastive(left: Tensor, right: Tensor, temperature: number): Tensor {
  const scores = matmul(left, right, { transposeB: true, scale: 1 / temperature })
  const own = positionsOf(left, 0)
  const back = matmul(right, left, { transposeB: true, scale: 1 / temperature })
  return multiply(add(diagonalLoss(scores, own), diagonalLoss(back, own)), 0.5)
}

/** As `crossEntropy`, for a batch whose size is a name: the right class of row i is i. */
function diagonalLoss(scores: Tensor, own: Tensor): Tensor {
  const made = [
    { type: scores.type, shape: own.shape },
    { type: scores.type, shape: scores.shape },
  ]
  return mean(apply(diagonalOperator, [scores, own], made, { reduction: 'none' })[0]!)
}

const diagonalOperator: Operator = {
  name: 'SoftmaxCrossEntropyLoss',
  gradient: ({ inputs: [, own], outputs: [, logs] }, [upstream]) => {
    const right = toFloat(equal(unsqueeze(own!, [0]), unsqueeze(own!, [1])))
    return [multiply(subtract(exp(logs!), right), unsqueeze(upstream!, [1])), undefined]
  },
}

/** Pairwise logistic (Burges et al., RankNet, ICML 2005): the first should score above the second. */
export const ranking = (better: Tensor, worse: Tensor): Tensor =>
  mean(softplus(negate(subtract(better, worse))))

/** Mean of -log of the probability given to target shares [..., classes], as in distillation. */
export const softCrossEntropy = (scores: Tensor, shares: Tensor): Tensor =>
  negate(mean(reduceSum(multiply(logSoftmax(scores), shares), [-1])))
