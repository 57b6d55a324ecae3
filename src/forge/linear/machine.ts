/**
 * Linear support vector machines, one class against the rest, by coordinate descent on the dual (Hsieh et
 * al., ICML 2008; the method of liblinear). Each text's coordinates of all classes move together, so that
 * a text's rows of weights are read once.
 */
import { AppError } from '../../errors.ts'
import type { Features } from '../../models/specialist/vocabulary.ts'
import { createRandom } from '../random.ts'
import { type SparseKernels, sparseKernels } from './kernels.ts'

export interface MachineOptions {
  /** What an error costs against the length of the weights. */
  cost: number
  /** Passes over the data at most. */
  passesMax: number
  /** A pass that moves no coordinate's gradient by more ends training. */
  tolerance: number
  seed: number
  progress?(pass: number, passesMax: number, violation: number): void
}

export interface LinearMachine {
  classes: number
  /** Numbers in a row: classes, rounded up to a multiple of 4. */
  stride: number
  /** [rows + 1, stride]; the last row is the bias. */
  weights: Float32Array
}

export interface Problem {
  features: readonly Features[]
  /** Class numbers of each text: one, or several. */
  labels: readonly (readonly number[])[]
  rows: number
  classes: number
}

const pageBytes = 65_536
const memoryBytesMax = 4 * 2 ** 30

/** The texts, weights and room for one vector of classes, in one memory. */
class Layout {
  readonly stride: number
  readonly weights: Float32Array
  readonly vector: Float32Array
  readonly kernels: SparseKernels
  readonly #addresses: { rows: number; values: number; count: number }[] = []
  readonly #weightsAt: number
  readonly #vectorAt: number

  constructor({ features, rows, classes }: Problem) {
    this.stride = Math.ceil(classes / 4) * 4
    const numbers = features.reduce((sum, one) => sum + one.rows.length + 1, 0)
    const weightBytes = (rows + 1) * this.stride * 4
    const bytes = weightBytes + this.stride * 4 + numbers * 8
    if (bytes > memoryBytesMax) {
      throw new AppError(
        'invalid_request',
        `A linear model of ${rows} n-grams and ${classes} classes over these texts takes ${(bytes / 1e9).toFixed(1)} GB; at most 4 GB can be had. Use fewer rows of data, or fewer classes.`,
      )
    }
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) })
    this.kernels = sparseKernels(memory)
    this.#weightsAt = 0
    this.#vectorAt = weightBytes
    this.weights = new Float32Array(memory.buffer, 0, (rows + 1) * this.stride)
    this.vector = new Float32Array(memory.buffer, this.#vectorAt, this.stride)
    let at = this.#vectorAt + this.stride * 4
    for (const one of features) {
      const count = one.rows.length + 1
      const own = new Int32Array(memory.buffer, at, count)
      own.set(one.rows)
      own[count - 1] = rows
      const values = new Float32Array(memory.buffer, at + count * 4, count)
      values.set(one.values)
      values[count - 1] = 1
      this.#addresses.push({ rows: at, values: at + count * 4, count })
      at += count * 8
    }
  }

  /** Leaves a text's scores in the vector. */
  score(text: number): void {
    const { rows, values, count } = this.#addresses[text]!
    this.kernels.score(rows, values, count, this.#weightsAt, this.stride, this.#vectorAt)
  }

  /** Adds the vector to the weights of a text's rows, each by its value. */
  spread(text: number): void {
    const { rows, values, count } = this.#addresses[text]!
    this.kernels.spread(rows, values, count, this.#weightsAt, this.stride, this.#vectorAt)
  }
}

export function trainMachine(problem: Problem, options: MachineOptions): LinearMachine {
  const { features, labels, classes } = problem
  const layout = new Layout(problem)
  const { stride, vector } = layout
  const random = createRandom(options.seed)
  const order = Int32Array.from(features, (_, index) => index)
  const alphas = new Float32Array(features.length * stride)
  // The squared hinge: the diagonal grows instead of the coordinates having an upper end.
  const diagonal = 1 / (2 * options.cost)
  const lengths = Float32Array.from(features, ({ values }) =>
    values.reduce((sum, value) => sum + value * value, 1),
  )
  for (let pass = 0; pass < options.passesMax; pass++) {
    random.shuffle(order as unknown as number[])
    let violation = 0
    for (const text of order) {
      layout.score(text)
      const size = lengths[text]! + diagonal
      const own = labels[text]!
      const from = text * stride
      let moved = false
      for (let label = 0; label < classes; label++) {
        const sign = own.includes(label) ? 1 : -1
        const alpha = alphas[from + label]!
        const gradient = sign * vector[label]! - 1 + alpha * diagonal
        const projected = alpha === 0 ? Math.min(gradient, 0) : gradient
        if (Math.abs(projected) < 1e-6) {
          vector[label] = 0
          continue
        }
        violation = Math.max(violation, Math.abs(projected))
        const next = Math.max(alpha - gradient / size, 0)
        alphas[from + label] = next
        vector[label] = (next - alpha) * sign
        moved = true
      }
      vector.fill(0, classes)
      if (moved) layout.spread(text)
    }
    options.progress?.(pass + 1, options.passesMax, violation)
    if (violation < options.tolerance) break
  }
  return { classes, stride, weights: layout.weights.slice() }
}
