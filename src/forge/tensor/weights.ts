/**
 * Where the weights of a model lie while it is trained: one stretch of memory for the weights, one of the
 * same layout each for gradients and for what the optimiser remembers. A checkpoint is these stretches.
 */
import { AppError } from '../../errors.ts'
import { type Kernels, kernelsOver } from './kernels.ts'
import { sizeOf } from './tensor.ts'

export interface ParameterInfo {
  readonly name: string
  readonly shape: readonly number[]
}

/** Numbers each parameter is rounded up to: a cache line, so that loops need no rest. */
const alignment = 16
const pageBytes = 65_536
const memoryBytesMax = 4 * 2 ** 30

export interface Stretch {
  /** In bytes from the start of the memory. */
  readonly address: number
  readonly numbers: Float32Array
}

export class Weights {
  /** Numbers in a stretch, with the gaps between parameters. */
  readonly count: number
  readonly parameters: readonly ParameterInfo[]
  readonly values: Stretch
  readonly gradients: Stretch
  readonly kernels: Kernels
  readonly #memory: WebAssembly.Memory
  readonly #offsets = new Map<string, { offset: number; size: number }>()
  #stretches = 0

  /** Room for the parameters and for `extra` further stretches. */
  constructor(parameters: readonly ParameterInfo[], extra: number) {
    this.parameters = parameters
    let count = 0
    for (const { name, shape } of parameters) {
      const size = sizeOf(shape)
      this.#offsets.set(name, { offset: count, size })
      count += Math.ceil(size / alignment) * alignment
    }
    this.count = count
    const bytes = count * 4 * (2 + extra)
    if (bytes > memoryBytesMax) {
      throw new AppError(
        'invalid_request',
        `Training this model takes ${(bytes / 1e9).toFixed(1)} GB for its weights alone; at most 4 GB can be had. Make the model smaller.`,
      )
    }
    const pages = Math.max(1, Math.ceil(bytes / pageBytes))
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    this.kernels = kernelsOver(this.#memory)
    this.values = this.stretch()
    this.gradients = this.stretch()
  }

  /** The next free stretch, all zero. */
  stretch(): Stretch {
    const address = this.#stretches++ * this.count * 4
    return { address, numbers: new Float32Array(this.#memory.buffer, address, this.count) }
  }

  /** A parameter's own numbers in a stretch. */
  view(name: string, stretch: Stretch): Float32Array {
    const { offset, size } = this.#offsets.get(name)!
    return stretch.numbers.subarray(offset, offset + size)
  }

  /** How many numbers are trained. */
  get size(): number {
    return this.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  }
}
