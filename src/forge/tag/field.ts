/**
 * A linear-chain conditional random field (Lafferty et al., ICML 2001), trained by AdaGrad (Duchi et al., JMLR
 * 2011) one sentence at a time: the gradient is what occurs less what the model expects, by forward and
 * backward sums.
 */
import { type ChainSums, chainSums, tagShare } from '../../models/specialist/chain.ts'
import { mayFollow } from '../../models/specialist/viterbi.ts'
import { createRandom } from '../random.ts'

export interface Sentence {
  /** Rows of the features of each token. */
  features: readonly Int32Array[]
  tags: Int32Array
}

export interface Field {
  tags: number
  /** [rows, tags] */
  weights: Float32Array
  /** [tags, tags], from one tag to the next. */
  transitions: Float32Array
}

/** What the sums of squared gradients begin with, so that the first step is no larger than the rate. */
const firstSquares = 1e-6

export interface FieldOptions {
  rows: number
  tags: number
  passes: number
  rate: number
  /** Pull of the weights towards 0. */
  decay: number
  /** Share of features left out at random at each sight, against leaning on single words. */
  dropout: number
  seed: number
  progress?(pass: number, loss: number): void
}

/** Scores of each tag at each token. */
export function emissions(
  { weights, tags }: Field,
  features: readonly Int32Array[],
  scale = 1,
): Float32Array {
  const into = new Float32Array(features.length * tags)
  for (const [place, rows] of features.entries()) {
    const at = place * tags
    for (const row of rows) {
      const from = row * tags
      for (let tag = 0; tag < tags; tag++) into[at + tag]! += weights[from + tag]!
    }
  }
  if (scale !== 1) for (let at = 0; at < into.length; at++) into[at]! *= scale
  return into
}

export function trainField(sentences: readonly Sentence[], options: FieldOptions): Field {
  const { rows, tags, passes, seed } = options
  const field: Field = {
    tags,
    weights: new Float32Array(rows * tags),
    transitions: new Float32Array(tags * tags),
  }
  const state: Learner = {
    field,
    options,
    weightSquares: new Float32Array(rows * tags).fill(firstSquares),
    transitionSquares: new Float32Array(tags * tags).fill(firstSquares),
    random: createRandom(seed),
  }
  const mean = {
    weights: new Float64Array(rows * tags),
    transitions: new Float64Array(tags * tags),
    count: 0,
  }
  const order = [...sentences.keys()]
  for (let pass = 0; pass < passes; pass++) {
    state.random.shuffle(order)
    let loss = 0
    for (const index of order) loss += learn(state, sentences[index]!)
    options.progress?.(pass + 1, loss / sentences.length)
    // The mean of the later passes' weights errs less than the last ones.
    if (pass >= passes / 2) {
      mean.count++
      for (let at = 0; at < mean.weights.length; at++) mean.weights[at]! += field.weights[at]!
      for (let at = 0; at < mean.transitions.length; at++)
        mean.transitions[at]! += field.transitions[at]!
    }
  }
  return {
    tags,
    weights: Float32Array.from(mean.weights, (sum) => sum / mean.count),
    transitions: Float32Array.from(mean.transitions, (sum) => sum / mean.count),
  }
}

interface Learner {
  field: Field
  options: FieldOptions
  weightSquares: Float32Array
  transitionSquares: Float32Array
  random: ReturnType<typeof createRandom>
}

/** One step on one sentence; returns -log of the probability of its tags. */
function learn(learner: Learner, sentence: Sentence): number {
  const { field, options, random } = learner
  const { tags, dropout } = options
  const features =
    dropout > 0
      ? sentence.features.map((rows) => rows.filter(() => random.next() >= dropout))
      : sentence.features
  // What is left counts for what was left out.
  const scores = emissions(field, features, 1 / (1 - dropout))
  const given = scores.slice()
  const sums = chainSums(scores, field.transitions, tags)
  const length = features.length
  const expectedPairs = new Float64Array(tags * tags)
  let right = 0
  for (let place = 0; place < length; place++) {
    const own = sentence.tags[place]!
    const at = place * tags
    right += scores[at + own]!
    for (let tag = 0; tag < tags; tag++) {
      // What is expected less what is there.
      scores[at + tag] = tagShare(sums, at + tag) - (tag === own ? 1 : 0)
    }
    if (place === 0) continue
    const previous = sentence.tags[place - 1]!
    right += field.transitions[previous * tags + own]!
    expectedPairs[previous * tags + own]! -= 1
  }
  pairShares(expectedPairs, given, sums, field.transitions, tags)
  step(learner, features, scores, expectedPairs)
  return sums.total - right
}

/** Adds how often each pair of tags is expected. */
function pairShares(
  into: Float64Array,
  scores: Float32Array,
  { alpha, beta, total }: ChainSums,
  transitions: Float32Array,
  tags: number,
): void {
  const length = scores.length / tags
  for (let place = 1; place < length; place++) {
    for (let previous = 0; previous < tags; previous++) {
      const before = alpha[(place - 1) * tags + previous]! - total
      if (before < -60) continue
      for (let tag = 0; tag < tags; tag++) {
        if (!mayFollow(previous, tag)) continue
        const at = place * tags + tag
        const pair = previous * tags + tag
        into[pair]! += Math.exp(before + transitions[pair]! + scores[at]! + beta[at]!)
      }
    }
  }
}

/** Moves each weight against its gradient, the less the more it has been moved. */
function step(
  { field, options, weightSquares, transitionSquares }: Learner,
  features: readonly Int32Array[],
  slopes: Float32Array,
  pairs: Float64Array,
): void {
  const { tags, rate, decay } = options
  for (const [place, rows] of features.entries()) {
    const at = place * tags
    for (let tag = 0; tag < tags; tag++) {
      const slope = slopes[at + tag]!
      if (Math.abs(slope) < 1e-4) continue
      for (const row of rows) {
        const weight = row * tags + tag
        const whole = slope + decay * field.weights[weight]!
        weightSquares[weight]! += whole * whole
        field.weights[weight]! -= (rate * whole) / Math.sqrt(weightSquares[weight]!)
      }
    }
  }
  for (let pair = 0; pair < pairs.length; pair++) {
    const whole = pairs[pair]! + decay * field.transitions[pair]!
    if (whole === 0) continue
    transitionSquares[pair]! += whole * whole
    field.transitions[pair]! -= (rate * whole) / Math.sqrt(transitionSquares[pair]!)
  }
}
