/** Divides rows into parts that are learned from and parts that are measured on. */
import { createRandom } from '../random.ts'

/**
 * Takes about `share` of the rows out, of each class alike; a class with one row stays whole. The same seed
 * takes the same rows.
 */
export function stratified(
  classes: readonly string[],
  share: number,
  seed: number,
): { kept: number[]; taken: number[] } {
  const random = createRandom(seed)
  const groups = Map.groupBy(classes.keys(), (row) => classes[row]!)
  const taken = new Set<number>()
  // What is left over by rounding down is carried, so that many small classes give rows too.
  let owed = 0
  for (const rows of groups.values()) {
    owed += rows.length * share
    const count = Math.min(Math.floor(owed), rows.length - 1)
    owed -= count
    for (const row of random.shuffle([...rows]).slice(0, count)) taken.add(row)
  }
  const all = [...classes.keys()]
  return { kept: all.filter((row) => !taken.has(row)), taken: all.filter((row) => taken.has(row)) }
}

/** Rows in `count` parts of about equal size, of each class alike; each row is in one part. */
export function folds(classes: readonly string[], count: number, seed: number): number[][] {
  const random = createRandom(seed)
  const parts: number[][] = Array.from({ length: count }, () => [])
  const groups = Map.groupBy(classes.keys(), (row) => classes[row]!)
  let next = 0
  for (const rows of groups.values()) {
    for (const row of random.shuffle([...rows])) parts[next++ % count]!.push(row)
  }
  return parts
}
