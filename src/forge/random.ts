/**
 * Seeded random numbers: the same seed gives the same numbers on every machine and in every later version,
 * which a library does not promise; weights of shipped models are made from them.
 */
export interface Random {
  /** From 0 up to, and without, 1. */
  next(): number
  /** A whole number from 0 up to, and without, `below`. */
  below(below: number): number
  /** Mean 0, variance 1. */
  normal(): number
  /** Changes the order of a list in place. */
  shuffle<T>(list: T[]): T[]
  /** What the next numbers depend on; `createRandom` takes it back. */
  state(): readonly number[]
}

/** Small fast counting generator (sfc32 of Chris Doty-Humphrey's PractRand), started from a seed or a state. */
export function createRandom(from: number | readonly number[]): Random {
  let [a, b, c, counter] =
    typeof from === 'number'
      ? [0, from | 0, (from / 2 ** 32) | 0, 1]
      : (from as [number, number, number, number])
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  if (typeof from === 'number') for (let i = 0; i < 15; i++) word()
  const next = () => word() / 2 ** 32
  return {
    next,
    below: (below) => Math.floor(next() * below),
    // Box and Muller's transformation.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffle(list) {
      for (let last = list.length - 1; last > 0; last--) {
        const other = Math.floor(next() * (last + 1))
        ;[list[last], list[other]] = [list[other]!, list[last]!]
      }
      return list
    },
    state: () => [a, b, c, counter],
  }
}
