/** Steps from gradients to new weights. */
import type { Stretch, Weights } from './weights.ts'

export interface OptimiserOptions {
  kind: 'adamw' | 'momentum'
  /** Of AdamW: how slowly the mean of gradients follows. Of momentum: the momentum itself. */
  beta1?: number
  /** Of AdamW: how slowly the mean of squared gradients follows. */
  beta2?: number
  epsilon?: number
  /** Share of the weights taken away at each step, times the rate. */
  decay?: number
  /** The longest a gradient may be (Euclidean norm over all weights); longer ones are shortened. */
  clipNorm?: number
  /** Keeps an average of the weights over about 1/(1 - this) steps. */
  averaging?: number
}

export interface Optimiser {
  /** Steps done. */
  step: number
  /** What it remembers, for checkpoints. */
  readonly state: readonly Stretch[]
  /** The average of the weights, where one is kept. */
  readonly average: Stretch | undefined
  /** Applies the gradients once; returns their norm before clipping. */
  apply(rate: number): number
}

/** Stretches an optimiser needs beside weights and gradients. */
export const stretchesOf = ({ kind, averaging }: OptimiserOptions) =>
  (kind === 'adamw' ? 2 : 1) + (averaging ? 1 : 0)

/** Squares are added up in pieces of this many numbers, which keeps the sum exact enough in 32 bits. */
const normPiece = 4096

function gradientNorm(weights: Weights): number {
  let total = 0
  for (let at = 0; at < weights.count; at += normPiece) {
    const count = Math.min(normPiece, weights.count - at)
    total += weights.kernels.squares(weights.gradients.address + at * 4, count)
  }
  return Math.sqrt(total)
}

export function createOptimiser(weights: Weights, options: OptimiserOptions): Optimiser {
  const {
    kind,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    decay = 0,
    clipNorm,
    averaging,
  } = options
  const first = weights.stretch()
  const second = kind === 'adamw' ? weights.stretch() : undefined
  const average = averaging ? weights.stretch() : undefined
  average?.numbers.set(weights.values.numbers)
  const { kernels, values, gradients, count } = weights
  return {
    step: 0,
    state: [first, ...(second ? [second] : []), ...(average ? [average] : [])],
    average,
    apply(rate) {
      this.step += 1
      const norm = clipNorm === undefined ? Number.NaN : gradientNorm(weights)
      const clip = clipNorm !== undefined && norm > clipNorm ? clipNorm / norm : 1
      const [w, g] = [values.address, gradients.address]
      if (second) {
        const stepSize = rate / (1 - beta1 ** this.step)
        const scale = 1 / Math.sqrt(1 - beta2 ** this.step)
        const keep = 1 - rate * decay
        const [m, v] = [first.address, second.address]
        kernels.adamw(w, g, m, v, count, clip, beta1, beta2, keep, stepSize, scale, epsilon)
      } else kernels.momentum(w, g, first.address, count, clip, beta1, decay, rate)
      if (average && averaging) {
        // Early on the average follows faster, so that it does not hold on to the first weights.
        const share = Math.min(averaging, this.step / (this.step + 9))
        kernels.combine(average.address, w, count, share, 1 - share)
      }
      return norm
    },
  }
}
