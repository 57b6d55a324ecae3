/** Compares the gradients of a computation with differences of its values. */
import assert from 'node:assert/strict'
import { createParameters, normal, type Parameters } from '../nn/parameters.ts'
import { createRandom } from '../random.ts'
import { multiply } from './elementwise.ts'
import { stretchesOf } from './optimiser.ts'
import { allAxes, reduceSum } from './shaping.ts'
import { constant, type Shape, sizeOf, type Tensor } from './tensor.ts'
import { type Feeds, openTrainingSession, type StepResult } from './training-session.ts'
import { Weights } from './weights.ts'

/** A model over its parameters, opened for training. */
export async function openModel(
  build: (parameters: Parameters) => Tensor,
  outputs: (parameters: Parameters) => Record<string, Tensor> = () => ({}),
) {
  const parameters = createParameters()
  const loss = build(parameters)
  const named = outputs(parameters)
  const weights = new Weights(parameters.infos(), stretchesOf({ kind: 'adamw' }))
  parameters.fill(weights, 7)
  const session = await openTrainingSession(weights, loss, parameters.tensors, named)
  return { weights, session }
}

/** A parameter of a case, small and away from the places where functions bend. */
export const some = (parameters: Parameters, name: string, shape: readonly number[]): Tensor =>
  parameters.get(name, shape, normal(0.8))

/** A single number that depends on each number of `x` differently. */
export function scored(x: Tensor, lengths: Readonly<Record<string, number>> = {}): Tensor {
  const shape = known(x.shape, lengths)
  const random = createRandom(3)
  const data = Float32Array.from({ length: sizeOf(shape) }, () => random.normal())
  return reduceSum(multiply(x, constant(data, shape)), allAxes(x))
}

const known = (shape: Shape, lengths: Readonly<Record<string, number>>) =>
  shape.map((length) => (typeof length === 'number' ? length : lengths[length]!))

const distance = 1 / 128

/** Fails unless every gradient is within a hundredth of what the values say. */
export async function checkGradients(
  build: (parameters: Parameters) => Tensor,
  feeds: Feeds = {},
): Promise<void> {
  const { weights, session } = await openModel(build)
  const value = async (): Promise<number> => ((await session.run(feeds)) as StepResult).loss
  try {
    for (const { name } of weights.parameters) {
      await value()
      const gradients = Float32Array.from(weights.view(name, weights.gradients))
      const numbers = weights.view(name, weights.values)
      const scale = Math.max(...gradients.map(Math.abs), 0.1)
      for (let at = 0; at < numbers.length; at++) {
        const before = numbers[at]!
        numbers[at] = before + distance
        const above = await value()
        numbers[at] = before - distance
        const below = await value()
        numbers[at] = before
        const slope = (above - below) / (2 * distance)
        const difference = Math.abs(slope - gradients[at]!)
        assert.ok(
          difference < 0.01 * scale + 0.002,
          `${name}[${at}]: gradient ${gradients[at]}, values say ${slope}`,
        )
      }
    }
  } finally {
    await session.close()
  }
}
