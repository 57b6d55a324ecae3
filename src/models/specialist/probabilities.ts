/** From a model's scores to probabilities that mean what they say. */
import type { ClassifyContract } from './contract.ts'

export interface Label {
  label: string
  probability: number
}

export interface Classification {
  /** All labels, the most probable first. */
  labels: Label[]
  /** The model knows too little of such texts to answer. */
  unknown: boolean
}

type Calibrated = Pick<ClassifyContract, 'calibration' | 'multiple'>

/** One probability per class: together 1, or each for itself where a text may have several labels. */
export function probabilitiesOf(scores: ArrayLike<number>, contract: Calibrated): Float64Array {
  const { scale, shift } = contract.calibration
  const probabilities = Float64Array.from(scores)
  if (contract.multiple) {
    return probabilities.map((score) => 1 / (1 + Math.exp(-(score * scale + shift))))
  }
  const highest = probabilities.reduce(
    (most, score) => Math.max(most, score),
    Number.NEGATIVE_INFINITY,
  )
  let total = 0
  for (let at = 0; at < probabilities.length; at++) {
    probabilities[at] = Math.exp((probabilities[at]! - highest) * scale)
    total += probabilities[at]!
  }
  return probabilities.map((one) => one / total)
}

export function classification(
  scores: ArrayLike<number>,
  contract: ClassifyContract,
): Classification {
  const probabilities = probabilitiesOf(scores, contract)
  const labels = contract.labels
    .map((label, at) => ({ label, probability: probabilities[at]! }))
    .sort((a, b) => b.probability - a.probability)
  return { labels, unknown: labels[0]!.probability < contract.unknownBelow }
}
