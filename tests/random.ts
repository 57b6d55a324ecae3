/** Random choices that a seed repeats. */

/** Numbers in [0, 1) by mulberry32: small, seeded, good enough to choose by. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The seed of this run: BASTIDE_TEST_SEED, or a new one. */
export function chooseSeed(): number {
  return Number(process.env.BASTIDE_TEST_SEED) || Math.floor(Math.random() * 2 ** 31)
}
