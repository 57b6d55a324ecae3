/** The weights a model asks for while it is written down, and what they start from. */
import { createRandom, type Random } from '../random.ts'
import { parameter, shapeError, type Tensor } from '../tensor/tensor.ts'
import type { ParameterInfo, Weights } from '../tensor/weights.ts'

/** Fills a parameter's numbers before the first step. */
export type Start = (numbers: Float32Array, random: Random, shape: readonly number[]) => void

export const zeros: Start = (numbers) => void numbers.fill(0)
export const ones: Start = (numbers) => void numbers.fill(1)

export const normal =
  (deviation: number): Start =>
  (numbers, random) => {
    for (let at = 0; at < numbers.length; at++) numbers[at] = random.normal() * deviation
  }

const uniform = (reach: number, numbers: Float32Array, random: Random) => {
  for (let at = 0; at < numbers.length; at++) numbers[at] = (random.next() * 2 - 1) * reach
}

/** Uniform, so that variance is kept forwards and backwards (Glorot and Bengio, AISTATS 2010), for [in, out]. */
export const glorot: Start = (numbers, random, shape) => {
  const [inputs, outputs] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1]
  uniform(Math.sqrt(6 / (inputs + outputs)), numbers, random)
}

/** Uniform, for rectified units and convolutions [out, in, ...window] (He et al., arXiv 1502.01852). */
export const heWindow: Start = (numbers, random, shape) => {
  uniform(Math.sqrt(6 / (numbers.length / shape[0]!)), numbers, random)
}

export interface Parameters {
  /** The parameter of this name, below this scope; asked for again, it is the same. */
  get(name: string, shape: readonly number[], start: Start): Tensor
  scope(name: string): Parameters
  readonly tensors: ReadonlyMap<string, Tensor>
  infos(): ParameterInfo[]
  /** Gives the weights their first numbers; each parameter's depend on the seed and its place in the order. */
  fill(weights: Weights, seed: number): void
}

interface Entry {
  tensor: Tensor
  shape: readonly number[]
  start: Start
}

export function createParameters(): Parameters {
  const entries = new Map<string, Entry>()
  const tensors = new Map<string, Tensor>()
  const at = (prefix: string): Parameters => ({
    tensors,
    get(name, shape, start) {
      const full = prefix + name
      const known = entries.get(full)
      if (known) {
        if (String(known.shape) === String(shape)) return known.tensor
        throw shapeError(`"${full}" is [${known.shape}] in one place and [${shape}] in another`)
      }
      const tensor = parameter(full, shape)
      entries.set(full, { tensor, shape, start })
      tensors.set(full, tensor)
      return tensor
    },
    scope: (name) => at(`${prefix}${name}.`),
    infos: () => [...entries].map(([name, { shape }]) => ({ name, shape })),
    fill(weights, seed) {
      const random = createRandom(seed)
      for (const [name, { shape, start }] of entries) {
        start(weights.view(name, weights.values), random, shape)
      }
    },
  })
  return at('')
}
