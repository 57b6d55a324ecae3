/** How many of the pairs that are the same are found, and how many of those found are. */
import { type Interval, interval } from '../metrics/bootstrap.ts'
import { calibrationError, fScore } from '../metrics/classification.ts'

export interface PairsEvaluation {
  rows: number
  f1: Interval
  precision: number
  recall: number
  calibrationError: number
}

export interface AnsweredPair {
  same: 0 | 1
  probability: number
}

function scoreOf(rows: readonly AnsweredPair[], threshold: number) {
  const given = rows.filter(({ probability }) => probability >= threshold)
  const right = given.filter(({ same }) => same === 1).length
  return fScore(right, given.length, rows.filter(({ same }) => same === 1).length)
}

export function evaluatePairs(rows: readonly AnsweredPair[], threshold: number): PairsEvaluation {
  const { precision, recall } = scoreOf(rows, threshold)
  return {
    rows: rows.length,
    f1: interval(rows, (some) => scoreOf(some, threshold).f1),
    precision,
    recall,
    calibrationError: calibrationError(
      rows.map(({ same, probability }) => {
        const predicted = probability >= 0.5 ? 1 : 0
        return { label: same, predicted, probability: predicted ? probability : 1 - probability }
      }),
    ),
  }
}

/** The probability from which answers have the best F1. */
export function bestThreshold(rows: readonly AnsweredPair[]): number {
  const wanted = rows.filter(({ same }) => same === 1).length
  const sorted = [...rows].sort((a, b) => b.probability - a.probability)
  let [right, best, threshold] = [0, 0, 0.5]
  for (const [at, { same, probability }] of sorted.entries()) {
    right += same
    const next = sorted[at + 1]?.probability ?? 0
    const { f1 } = fScore(right, at + 1, wanted)
    if (next === probability || f1 <= best) continue
    best = f1
    threshold = (probability + next) / 2
  }
  return threshold
}
