/** Forward and backward pass of a model as one onnxruntime session that works in place on the weights. */

import { AppError } from '../../errors.ts'
import { gradients } from './gradient.ts'
import { writeOnnx } from './onnx-model.ts'
import { InferenceSession, OrtTensor } from './onnxruntime.ts'
import type { ElementType, Tensor } from './tensor.ts'
import type { Stretch, Weights } from './weights.ts'

export interface SessionOptions {
  threads?: number
  /** A customer's graphics card, where onnxruntime's CUDA provider is installed. */
  device?: 'cpu' | 'cuda'
}

export interface Feed {
  type: ElementType
  data: Float32Array | BigInt64Array | Uint8Array
  shape: readonly number[]
  /** What its lengths are called in the graph, where they have names. */
  names?: readonly (string | undefined)[]
}
export type Feeds = Readonly<Record<string, Feed>>

export interface StepResult {
  loss: number
  outputs: Record<string, Float32Array>
}

export interface TrainingSession {
  /** Computes the loss and leaves the gradients in the weights' own stretch. */
  run(feeds: Feeds): Promise<StepResult>
  close(): Promise<void>
}

const gradientPrefix = 'gradient:'
export const toOrt = ({ type, data, shape }: Feed) =>
  new OrtTensor(type, data as Float32Array, shape)

/**
 * Compiles a loss. `parameters` are the tensors of all weights by name; `outputs` are returned beside the
 * loss.
 */
export async function openTrainingSession(
  weights: Weights,
  loss: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
  outputs: Record<string, Tensor> = {},
  options: SessionOptions = {},
): Promise<TrainingSession> {
  const names = [...parameters.keys()]
  const slopes = gradients(loss, [...parameters.values()])
  const graph = Object.fromEntries(names.map((name, at) => [gradientPrefix + name, slopes[at]!]))
  const { bytes } = writeOnnx({ outputs: { ...graph, loss, ...outputs } })
  const session = await openSession(bytes, options)
  const fixedFeeds = weightFeeds(weights, names)
  const fetches: Record<string, OrtTensor | null> = {
    loss: null,
    ...gradientFetches(weights, names),
  }
  for (const name of Object.keys(outputs)) fetches[name] = null
  return {
    async run(feeds) {
      const all: Record<string, OrtTensor> = { ...fixedFeeds }
      for (const [name, feed] of Object.entries(feeds)) all[name] = toOrt(feed)
      const results = await session.run(all, fetches)
      const value = (results.loss!.data as Float32Array)[0]!
      const given = Object.keys(outputs).map((name) => [name, results[name]!.data as Float32Array])
      return { loss: value, outputs: Object.fromEntries(given) }
    },
    close: () => session.release(),
  }
}

/** The weights' own numbers as inputs: what the optimiser changes is what is read next. */
export const weightFeeds = (weights: Weights, names: readonly string[]) =>
  bound(weights, names, weights.values, '')

/** The stretch of gradients as outputs. */
export const gradientFetches = (weights: Weights, names: readonly string[]) =>
  bound(weights, names, weights.gradients, gradientPrefix)

function bound(
  weights: Weights,
  names: readonly string[],
  stretch: Stretch,
  prefix: string,
): Record<string, OrtTensor> {
  const shapes = new Map(weights.parameters.map(({ name, shape }) => [name, shape]))
  return Object.fromEntries(
    names.map((name) => [
      prefix + name,
      new OrtTensor('float32', weights.view(name, stretch), shapes.get(name)!),
    ]),
  )
}

/** One thread unless asked: on a shared machine more lose more to waiting than they win. */
export async function openSession(
  bytes: Uint8Array,
  { threads = 1, device = 'cpu' }: SessionOptions = {},
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
      extra: {
        session: {
          set_denormal_as_zero: '1',
          intra_op: { allow_spinning: '0' },
        },
      },
    })
  } catch (cause) {
    throw new AppError('internal', `onnxruntime refuses the computation: ${String(cause)}`, {
      cause,
    })
  }
}
