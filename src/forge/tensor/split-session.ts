/**
 * Forward and backward pass as two sessions, for losses that no ONNX operator computes: between them the loss
 * and its gradient are computed here. What the backward pass needs of the forward pass is kept, not computed
 * again.
 */
import { gradients, nodesOf } from './gradient.ts'
import { writeOnnx } from './onnx-model.ts'
import { OrtTensor } from './onnxruntime.ts'
import { input, type Tensor } from './tensor.ts'
import {
  type Feeds,
  gradientFetches,
  openSession,
  type SessionOptions,
  toOrt,
  weightFeeds,
} from './training-session.ts'
import type { Weights } from './weights.ts'

export interface OutsideLoss {
  loss: number
  /** Of the scores, in their shape. */
  gradient: Float32Array
}

export interface SplitSession {
  /** `of` gets the scores and their lengths; the gradients are left in the weights' own stretch. */
  run(
    feeds: Feeds,
    of: (scores: Float32Array, shape: readonly number[]) => OutsideLoss,
  ): Promise<number>
  close(): Promise<void>
}

const seedName = 'seed'
const scoresName = 'scores'

export async function openSplitSession(
  weights: Weights,
  scores: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
  options: SessionOptions = {},
): Promise<SplitSession> {
  const seed = input(seedName, scores.shape)
  const slopes = gradients(scores, [...parameters.values()], seed)
  const kept = boundary(scores, slopes)
  const keptOutputs = Object.fromEntries([...kept].map(([tensor, name]) => [name, tensor]))
  const forward = writeOnnx({ outputs: { [scoresName]: scores, ...keptOutputs } })
  const names = [...parameters.keys()]
  const slopesByName = Object.fromEntries(
    names.map((name, at) => [`gradient:${name}`, slopes[at]!]),
  )
  const backward = writeOnnx({ outputs: slopesByName, given: kept })
  const [first, second] = [
    await openSession(forward.bytes, options),
    await openSession(backward.bytes, options),
  ]
  const fixed = weightFeeds(weights, names)
  const fetches = gradientFetches(weights, names)
  const only = (inputs: readonly { name: string }[], all: Record<string, OrtTensor>) =>
    Object.fromEntries(inputs.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : [])))
  return {
    async run(feeds, of) {
      const all: Record<string, OrtTensor> = { ...fixed }
      for (const [name, feed] of Object.entries(feeds)) all[name] = toOrt(feed)
      const results = await first.run(only(forward.inputs, all))
      const given = results[scoresName]!
      const { loss, gradient } = of(given.data as Float32Array, given.dims)
      const seedTensor = new OrtTensor('float32', gradient, given.dims)
      const back = { ...all, ...results, [seedName]: seedTensor } as Record<string, OrtTensor>
      await second.run(only(backward.inputs, back), fetches)
      return loss
    },
    async close() {
      await first.release()
      await second.release()
    },
  }
}

/** Tensors of the forward pass that the backward pass reads, each with a name. */
function boundary(scores: Tensor, slopes: readonly Tensor[]): Map<Tensor, string> {
  const forward = new Set(nodesOf([scores]))
  const made = new Set([...forward].flatMap(({ outputs }) => outputs))
  const kept = new Map<Tensor, string>()
  const keep = (tensor: Tensor) => {
    if (made.has(tensor) && !kept.has(tensor)) kept.set(tensor, `kept${kept.size}`)
  }
  for (const node of nodesOf(slopes)) if (!forward.has(node)) node.inputs.forEach(keep)
  for (const slope of slopes) keep(slope)
  return kept
}
