/** How far a figure could be off because of the rows it was measured on (Efron and Tibshirani, 1993). */
import { createRandom } from '../random.ts'

export interface Interval {
  value: number
  low: number
  high: number
}

const rounds = 1000

/** A figure with its 95 % interval: measured again on rows drawn with replacement. */
export function interval<T>(rows: readonly T[], measure: (rows: readonly T[]) => number): Interval {
  const random = createRandom(1)
  const seen = Array.from({ length: rounds }, () =>
    measure(rows.map(() => rows[random.below(rows.length)]!)),
  ).sort((a, b) => a - b)
  const at = (share: number) => seen[Math.floor(share * (rounds - 1))]!
  return { value: measure(rows), low: at(0.025), high: at(0.975) }
}

/**
 * Share of draws in which `a` is better than `b` on the same rows, by the mean of what `better` says of
 * each row; ties count half. 0.975 or more: better, at 95 % confidence.
 */
export function pairedBetter(a: readonly number[], b: readonly number[]): number {
  const random = createRandom(1)
  const differences = a.map((value, at) => value - b[at]!)
  let wins = 0
  for (let round = 0; round < rounds; round++) {
    let sum = 0
    for (let draw = 0; draw < differences.length; draw++) {
      sum += differences[random.below(differences.length)]!
    }
    wins += sum > 0 ? 1 : sum === 0 ? 0.5 : 0
  }
  return wins / rounds
}
