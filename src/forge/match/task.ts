/** Pairs of records or texts: are they about the same thing? */
import { AppError } from '../../errors.ts'
import type { MatchContract } from '../../models/specialist/contract.ts'
import { rarestOf, rarityOf, similarities } from '../../models/specialist/similarity.ts'
import { vocabularyBytes } from '../../models/specialist/vocabulary-file.ts'
import { checkLeakage } from '../data/checks.ts'
import { folds } from '../data/split.ts'
import { openFor } from '../open.ts'
import { packageFiles } from '../package.ts'
import type { SpecialistTask, TrainOptions } from '../specialist-task.ts'
import { type BoostingOptions, boost, type Forest, forestScores } from '../trees/boosting.ts'
import { forestGraph } from '../trees/graph.ts'
import { type AnsweredPair, bestThreshold, evaluatePairs } from './evaluate.ts'
import { type LabelledPair, readPairs } from './examples.ts'

/** Chosen on the validation pairs of four public sets. */
const settings = { trees: 400, leaves: 15, rate: 0.05, leafRows: 5, decay: 1, featureShare: 0.5 }
const patience = 40
const foldCount = 3

export const matchTask: SpecialistTask<LabelledPair[]> = {
  read(table, columns) {
    const pairs = readPairs(table, columns)
    return { data: pairs, count: pairs.length, labels: ['different', 'same'], notes: [] }
  },

  check: (pairs, measured) =>
    measured.flatMap((other) => checkLeakage(keysOf(pairs), keysOf(other))),

  train(pairs, options) {
    const same = pairs.filter((pair) => pair.same === 1).length
    if (same < foldCount || pairs.length - same < foldCount) {
      throw new AppError(
        'invalid_request',
        `The data cannot be used: ${same} pairs are the same and ${pairs.length - same} are not; give ${foldCount} of each at least.`,
        { param: 'data' },
      )
    }
    const fields = [...new Set(pairs.flatMap(({ left }) => Object.keys(left)))]
    const records = pairs.flatMap(({ left, right }) => [left, right])
    const rarity = { values: rarityOf(records), rarest: rarestOf(records.length) }
    options.progress('comparing the records', 0.02)
    const rows = pairs.map(({ left, right }) => similarities(left, right, fields, rarity))
    const { heldOut, trees } = outOfFold(rows, pairs, options)
    const threshold = bestThreshold(heldOut)
    const forest = grown(rows, pairs, { ...settings, trees, seed: options.seed }, options, 0.8)
    const { bytes, parameters } = forestGraph(forest, rows[0]!.length)
    const contract: MatchContract = {
      format: 'bastide-specialist-1',
      task: 'match',
      fields,
      rarest: rarity.rarest,
      threshold,
    }
    const known = [...rarity.values].sort(([a], [b]) => a - b)
    return {
      parameters,
      settings: { ...settings, trees },
      heldOut: { kind: 'pairs', ...evaluatePairs(heldOut, threshold) },
      files: {
        [packageFiles.contract]: contract,
        [packageFiles.vocabulary]: vocabularyBytes({
          hashes: Uint32Array.from(known, ([hash]) => hash),
          values: Float32Array.from(known, ([, value]) => value),
        }),
        [packageFiles.weights]: bytes,
      },
    }
  },

  async measure(folder, pairs) {
    const { specialist, close } = await openFor(folder, 'match')
    const { matcher, contract } = specialist
    try {
      const matches = await matcher.match(pairs)
      const answered = pairs.map(({ same }, at) => ({
        same,
        probability: matches[at]!.probability,
      }))
      return { kind: 'pairs', ...evaluatePairs(answered, contract.threshold) }
    } finally {
      await close()
    }
  },
}

const keysOf = (pairs: readonly LabelledPair[]) =>
  pairs.map(({ left, right }) => JSON.stringify([left, right]))

/** Each pair answered by a forest that has not seen it, and how many trees those forests wanted. */
function outOfFold(
  rows: readonly Float32Array[],
  pairs: readonly LabelledPair[],
  options: TrainOptions,
): { heldOut: AnsweredPair[]; trees: number } {
  const parts = folds(
    pairs.map(({ same }) => String(same)),
    foldCount,
    options.seed,
  )
  const heldOut = new Array<AnsweredPair>(pairs.length)
  let trees = 0
  for (const [index, part] of parts.entries()) {
    const held = new Set(part)
    const others = [...rows.keys()].filter((row) => !held.has(row))
    const [heldRows, heldPairs] = [part.map((row) => rows[row]!), part.map((row) => pairs[row]!)]
    const forest = grown(
      others.map((row) => rows[row]!),
      others.map((row) => pairs[row]!),
      {
        ...settings,
        seed: options.seed,
        patience,
        validate: (score) => -surprise(score(heldRows), heldPairs),
      },
      options,
      0.05 + index * 0.25,
    )
    trees += forest.trees.length / foldCount
    for (const [at, score] of forestScores(forest, heldRows).entries()) {
      const row = part[at]!
      heldOut[row] = { same: pairs[row]!.same, probability: 1 / (1 + Math.exp(-score)) }
    }
  }
  return { heldOut, trees: Math.max(1, Math.round(trees * (foldCount / (foldCount - 1)) ** 0.5)) }
}

function grown(
  rows: readonly Float32Array[],
  pairs: readonly LabelledPair[],
  boosting: BoostingOptions,
  { progress, signal }: TrainOptions,
  from: number,
): Forest {
  return boost(
    rows,
    pairs.map(({ same }) => same),
    {
      ...boosting,
      progress: (tree) => {
        signal?.throwIfAborted()
        progress('growing trees', from + (tree / boosting.trees) * 0.2)
      },
    },
  )
}

/** Mean of -log of what the right answers were given. */
function surprise(scores: Float64Array, pairs: readonly LabelledPair[]): number {
  const total = pairs.reduce((sum, { same }, at) => {
    const score = same === 1 ? scores[at]! : -scores[at]!
    return sum + Math.log1p(Math.exp(-score))
  }, 0)
  return total / pairs.length
}
