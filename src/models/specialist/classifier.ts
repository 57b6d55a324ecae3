/** Classifies texts: n-grams, an ONNX model, probabilities. The same code serves and evaluates. */

import type { ClassifyContract } from './contract.ts'
import { type Classification, classification } from './probabilities.ts'
import { type Features, featuriser, type Vocabulary } from './vocabulary.ts'

export interface ModelFeed {
  type: 'int64' | 'float32'
  data: BigInt64Array | Float32Array
  shape: number[]
}

/** Runs the model on named inputs and gives its output `scores`. */
export type RunScores = (feeds: Record<string, ModelFeed>) => Promise<Float32Array>

/** Rows and their values [items, width], filled up with the value 0; scores [items, classes] come back. */
export const rowFeeds = (rows: BigInt64Array, values: Float32Array, width: number) => ({
  rows: { type: 'int64' as const, data: rows, shape: [values.length / width, width] },
  values: { type: 'float32' as const, data: values, shape: [values.length / width, width] },
})

export interface Classifier {
  /** Scores of each text, one per class. */
  scores(texts: readonly string[]): Promise<Float32Array[]>
  classify(texts: readonly string[]): Promise<Classification[]>
}

/** N-grams in one run at most: what is gathered for them stays in the processor's cache. */
const ngramsPerRun = 4096

export function createClassifier(
  contract: ClassifyContract,
  vocabulary: Vocabulary,
  run: RunScores,
): Classifier {
  const featurise = featuriser(vocabulary)
  const classes = contract.labels.length

  async function runBatch(batch: readonly Features[]): Promise<Float32Array[]> {
    const width = Math.max(1, ...batch.map(({ rows }) => rows.length))
    const rows = new BigInt64Array(batch.length * width)
    const values = new Float32Array(batch.length * width)
    for (const [at, features] of batch.entries()) {
      for (let place = 0; place < features.rows.length; place++) {
        rows[at * width + place] = BigInt(features.rows[place]!)
      }
      values.set(features.values, at * width)
    }
    const all = await run(rowFeeds(rows, values, width))
    return batch.map((_, at) => all.subarray(at * classes, (at + 1) * classes))
  }

  async function scores(texts: readonly string[]): Promise<Float32Array[]> {
    const features = texts.map(featurise)
    // Texts of like length go together, so that little is filled up.
    const order = [...features.keys()].sort(
      (a, b) => features[a]!.rows.length - features[b]!.rows.length,
    )
    const results = new Array<Float32Array>(texts.length)
    for (let from = 0; from < order.length; ) {
      let to = from + 1
      while (
        to < order.length &&
        (to - from + 1) * features[order[to]!]!.rows.length <= ngramsPerRun
      )
        to++
      const places = order.slice(from, to)
      const given = await runBatch(places.map((place) => features[place]!))
      for (const [at, place] of places.entries()) results[place] = given[at]!
      from = to
    }
    return results
  }

  return {
    scores,
    classify: async (texts) => (await scores(texts)).map((one) => classification(one, contract)),
  }
}
