/** Leaving numbers out at random while training (Srivastava et al., JMLR 2014). */
import { createRandom } from '../random.ts'
import { input, type Shape, sizeOf } from '../tensor/tensor.ts'
import type { Feed } from '../tensor/training-session.ts'
import type { Dropout } from './layers.ts'

export interface Masks extends Dropout {
  /** Masks for a step: which they are depends on the seed and the step alone, so that a training can go on. */
  feeds(seed: number, step: number, lengths: ReadonlyMap<string, number>): Record<string, Feed>
}

export function createMasks(rate: number): Masks {
  const shapes: Shape[] = []
  const nameOf = (place: number) => `mask${place}`
  return {
    rate,
    mask(shape) {
      shapes.push(shape)
      return input(nameOf(shapes.length - 1), shape)
    },
    feeds(seed, step, lengths) {
      const random = createRandom(seed * 1_000_003 + step)
      const kept = 1 / (1 - rate)
      return Object.fromEntries(
        shapes.map((shape, place): [string, Feed] => {
          const known = shape.map((length) =>
            typeof length === 'number' ? length : lengths.get(length)!,
          )
          const data = new Float32Array(sizeOf(known))
          for (let at = 0; at < data.length; at++) data[at] = random.next() < rate ? 0 : kept
          return [nameOf(place), { type: 'float32', shape: known, data }]
        }),
      )
    },
  }
}
