/** Sums over all rows of tags of a chain (Lafferty et al., ICML 2001), in logarithms. */
import { mayFollow } from './viterbi.ts'

export interface ChainSums {
  /** Over all ways up to a token, and from it on; [tokens, tags]. */
  alpha: Float64Array
  beta: Float64Array
  /** Over all ways. */
  total: number
}

/** Stands for the logarithm of nothing, so that sums of it stay numbers. */
const never = -1e30

/** `scores` are [tokens, tags], `transitions` [tags, tags] from one tag to the next. */
export function chainSums(
  scores: Float32Array,
  transitions: ArrayLike<number>,
  tags: number,
): ChainSums {
  const length = scores.length / tags
  const alpha = new Float64Array(scores.length)
  const beta = new Float64Array(scores.length)
  const terms = new Float64Array(tags)
  for (let tag = 0; tag < tags; tag++) alpha[tag] = mayFollow(undefined, tag) ? scores[tag]! : never
  for (let place = 1; place < length; place++) {
    const before = (place - 1) * tags
    for (let tag = 0; tag < tags; tag++) {
      for (let previous = 0; previous < tags; previous++) {
        terms[previous] = mayFollow(previous, tag)
          ? alpha[before + previous]! + transitions[previous * tags + tag]!
          : never
      }
      alpha[place * tags + tag] = logSum(terms) + scores[place * tags + tag]!
    }
  }
  for (let place = length - 2; place >= 0; place--) {
    const after = (place + 1) * tags
    for (let tag = 0; tag < tags; tag++) {
      for (let next = 0; next < tags; next++) {
        terms[next] = mayFollow(tag, next)
          ? transitions[tag * tags + next]! + scores[after + next]! + beta[after + next]!
          : never
      }
      beta[place * tags + tag] = logSum(terms)
    }
  }
  return { alpha, beta, total: logSum(alpha.subarray((length - 1) * tags)) }
}

function logSum(terms: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY
  for (let at = 0; at < terms.length; at++) if (terms[at]! > most) most = terms[at]!
  let sum = 0
  for (let at = 0; at < terms.length; at++) sum += Math.exp(terms[at]! - most)
  return most + Math.log(sum)
}

/** Probability of a tag at a token. */
export const tagShare = ({ alpha, beta, total }: ChainSums, at: number): number =>
  Math.exp(alpha[at]! + beta[at]! - total)
