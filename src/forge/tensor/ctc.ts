/**
 * Connectionist temporal classification (Graves et al., ICML 2006): -log of the probability that scores over
 * frames spell a row of labels, whatever the pauses, and its gradient. Class 0 is the pause.
 */
import type { OutsideLoss } from './split-session.ts'

const never = Number.NEGATIVE_INFINITY

function logAdd(a: number, b: number): number {
  if (a === never) return b
  if (b === never) return a
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b))
}

/** Logarithms of shares per frame. */
function logShares(scores: Float32Array, classes: number): Float64Array {
  const logs = new Float64Array(scores.length)
  for (let from = 0; from < scores.length; from += classes) {
    let most = never
    for (let at = from; at < from + classes; at++) most = Math.max(most, scores[at]!)
    let sum = 0
    for (let at = from; at < from + classes; at++) sum += Math.exp(scores[at]! - most)
    const total = most + Math.log(sum)
    for (let at = from; at < from + classes; at++) logs[at] = scores[at]! - total
  }
  return logs
}

/**
 * Of one row: `scores` are [frames, classes]. A row of labels that the frames cannot spell, because they are too
 * few, has the loss Infinity and no gradient.
 */
export function ctc(scores: Float32Array, classes: number, labels: readonly number[]): OutsideLoss {
  const frames = scores.length / classes
  const logs = logShares(scores, classes)
  // Labels with pauses before, between and after.
  const path = [0, ...labels.flatMap((label) => [label, 0])]
  const width = path.length
  const mayJump = (place: number) =>
    place > 1 && path[place] !== 0 && path[place] !== path[place - 2]
  const alpha = new Float64Array(frames * width).fill(never)
  const beta = new Float64Array(frames * width).fill(never)
  alpha[0] = logs[0]!
  if (width > 1) alpha[1] = logs[path[1]!]!
  for (let frame = 1; frame < frames; frame++) {
    for (let place = 0; place < width; place++) {
      const before = (frame - 1) * width + place
      let sum = alpha[before]!
      if (place > 0) sum = logAdd(sum, alpha[before - 1]!)
      if (mayJump(place)) sum = logAdd(sum, alpha[before - 2]!)
      alpha[frame * width + place] = sum + logs[frame * classes + path[place]!]!
    }
  }
  const last = frames * width - 1
  beta[last] = 0
  if (width > 1) beta[last - 1] = 0
  for (let frame = frames - 2; frame >= 0; frame--) {
    for (let place = 0; place < width; place++) {
      const after = (frame + 1) * width + place
      const step = (to: number) =>
        beta[after + to]! + logs[(frame + 1) * classes + path[place + to]!]!
      let sum = step(0)
      if (place + 1 < width) sum = logAdd(sum, step(1))
      if (place + 2 < width && mayJump(place + 2)) sum = logAdd(sum, step(2))
      beta[frame * width + place] = sum
    }
  }
  const total = width > 1 ? logAdd(alpha[last]!, alpha[last - 1]!) : alpha[last]!
  const gradient = new Float32Array(scores.length)
  if (total === never) return { loss: Number.POSITIVE_INFINITY, gradient }
  for (let frame = 0; frame < frames; frame++) {
    for (let label = 0; label < classes; label++) {
      gradient[frame * classes + label] = Math.exp(logs[frame * classes + label]!)
    }
    for (let place = 0; place < width; place++) {
      const share = Math.exp(alpha[frame * width + place]! + beta[frame * width + place]! - total)
      gradient[frame * classes + path[place]!]! -= share
    }
  }
  return { loss: -total, gradient }
}
