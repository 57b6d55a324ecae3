/** Attention (Vaswani et al., arXiv 1706.03762) and the transformer block, normalised before each part. */
import { add, choose, greaterOrEqual, multiply, subtract } from '../tensor/elementwise.ts'
import { gather } from '../tensor/lookup.ts'
import { matmul } from '../tensor/matrix.ts'
import { softmax } from '../tensor/normalise.ts'
import { concat, positionsOf, reshape, slice, transpose, unsqueeze } from '../tensor/shaping.ts'
import { constant, shapeError, type Tensor } from '../tensor/tensor.ts'
import { type Dropout, dropped, feedForward, linear, normalised } from './layers.ts'
import type { Parameters } from './parameters.ts'

export interface AttentionOptions {
  heads: number
  /** Each place sees those before it only. */
  causal?: boolean
  /** 1 where [batch, length] holds something, 0 where it is filled up. */
  mask?: Tensor
  /** Turns queries and keys by their place (Su et al., arXiv 2104.09864), for at most so many places. */
  rotaryLength?: number
  dropout?: Dropout
}

const farBelow = -1e9

/** Each place's mixture of all places; [batch, length, width] in and out. */
export function attention(parameters: Parameters, x: Tensor, options: AttentionOptions): Tensor {
  const { heads, rotaryLength } = options
  const [batch, length, width] = x.shape
  if (typeof width !== 'number' || width % heads !== 0) {
    throw shapeError(`${heads} heads do not share a width of ${width}`)
  }
  const size = width / heads
  const split = (name: string) => {
    const flat = linear(parameters.scope(name), x, width)
    return transpose(reshape(flat, [batch!, length!, heads, size]), [0, 2, 1, 3])
  }
  const turned = (part: Tensor) => (rotaryLength ? rotated(part, rotaryLength) : part)
  const [query, key, value] = [turned(split('query')), turned(split('key')), split('value')]
  const scores = matmul(query, key, { transposeB: true, scale: 1 / Math.sqrt(size) })
  const shares = dropped(softmax(hidden(scores, options)), options.dropout)
  const mixed = transpose(matmul(shares, value), [0, 2, 1, 3])
  return linear(parameters.scope('out'), reshape(mixed, [batch!, length!, width]), width)
}

/** Takes places out of sight by making their scores very small. */
function hidden(scores: Tensor, { mask, causal }: AttentionOptions): Tensor {
  let seen = scores
  if (mask) seen = add(seen, multiply(subtract(1, unsqueeze(mask, [1, 2])), farBelow))
  if (!causal) return seen
  const places = positionsOf(scores, 2)
  const earlier = greaterOrEqual(unsqueeze(places, [1]), unsqueeze(places, [0]))
  return choose(earlier, seen, farBelow)
}

const rotaryBase = 10_000

/** Turns pairs of numbers of [batch, heads, length, size] by an angle that grows with the place. */
function rotated(x: Tensor, lengthMax: number): Tensor {
  const size = x.shape[3] as number
  const half = size / 2
  const angles = (turn: (angle: number) => number) => {
    const table = Float32Array.from({ length: lengthMax * half }, (_, at) =>
      turn(Math.floor(at / half) / rotaryBase ** ((at % half) / half)),
    )
    return gather(constant(table, [lengthMax, half]), positionsOf(x, 2))
  }
  const [cosines, sines] = [angles(Math.cos), angles(Math.sin)]
  const [one, other] = [slice(x, 3, 0, half), slice(x, 3, half, size)]
  return concat(
    [
      subtract(multiply(one, cosines), multiply(other, sines)),
      add(multiply(other, cosines), multiply(one, sines)),
    ],
    3,
  )
}

export interface BlockOptions extends AttentionOptions {
  /** Width between the two layers. */
  hidden: number
}

/** Attention, then two layers, each added to what came in. */
export function transformerBlock(parameters: Parameters, x: Tensor, options: BlockOptions): Tensor {
  const { dropout } = options
  const seen = normalised(parameters.scope('norm1'), x)
  const mixed = add(x, dropped(attention(parameters.scope('attention'), seen, options), dropout))
  const inner = normalised(parameters.scope('norm2'), mixed)
  return add(mixed, dropped(feedForward(parameters.scope('feed'), inner, options.hidden), dropout))
}
