/** Layers that most models are made of. Each takes its scope of parameters and gives a tensor. */

import { convolve } from '../tensor/convolution.ts'
import { add, gelu, multiply, sigmoid } from '../tensor/elementwise.ts'
import { gather } from '../tensor/lookup.ts'
import { affine, matmul } from '../tensor/matrix.ts'
import { layerNorm } from '../tensor/normalise.ts'
import { shift, slice } from '../tensor/shaping.ts'
import { type Shape, shapeError, type Tensor } from '../tensor/tensor.ts'
import { glorot, heWindow, normal, ones, type Parameters, type Start, zeros } from './parameters.ts'

function knownLength(shape: Shape, axis: number): number {
  const length = shape.at(axis)
  if (typeof length === 'number') return length
  throw shapeError(`a layer needs to know axis ${axis} of [${shape}]`)
}

/** `x · w + b` over the last axis. */
export function linear(
  parameters: Parameters,
  x: Tensor,
  outputs: number,
  { bias = true, start = glorot }: { bias?: boolean; start?: Start } = {},
): Tensor {
  const weight = parameters.get('weight', [knownLength(x.shape, -1), outputs], start)
  if (!bias) return matmul(x, weight)
  const shift = parameters.get('bias', [outputs], zeros)
  return x.shape.length === 2 ? affine(x, weight, shift) : add(matmul(x, weight), shift)
}

/** Layer normalisation over the last axis, with a scale and a shift that are learned. */
export function normalised(parameters: Parameters, x: Tensor): Tensor {
  const width = knownLength(x.shape, -1)
  return layerNorm(
    x,
    parameters.get('scale', [width], ones),
    parameters.get('bias', [width], zeros),
  )
}

/** A vector for each number; a table of `count` rows. */
export function embedding(
  parameters: Parameters,
  rows: Tensor,
  count: number,
  width: number,
): Tensor {
  return gather(parameters.get('table', [count, width], normal(0.02)), rows)
}

/** Two layers with a GELU between them. */
export function feedForward(parameters: Parameters, x: Tensor, hidden: number): Tensor {
  const inner = gelu(linear(parameters.scope('in'), x, hidden))
  return linear(parameters.scope('out'), inner, knownLength(x.shape, -1))
}

/** Convolution over the last axis of [batch, channels, length], as long as what came in. */
export function convolution1d(
  parameters: Parameters,
  x: Tensor,
  outputs: number,
  window: number,
  dilation = 1,
): Tensor {
  if (window % 2 === 0) throw shapeError('a window that keeps the length is odd')
  const weight = parameters.get('weight', [outputs, knownLength(x.shape, 1), window], heWindow)
  const padding = [((window - 1) / 2) * dilation]
  return convolve(x, weight, parameters.get('bias', [outputs], zeros), {
    padding,
    dilations: [dilation],
  })
}

/** Convolution over the last two axes of [batch, channels, height, width]. */
export function convolution2d(
  parameters: Parameters,
  x: Tensor,
  outputs: number,
  window: number,
  options: { stride?: number; padding?: number } = {},
): Tensor {
  const { stride = 1, padding = Math.floor(window / 2) } = options
  const shape = [outputs, knownLength(x.shape, 1), window, window]
  return convolve(
    x,
    parameters.get('weight', shape, heWindow),
    parameters.get('bias', [outputs], zeros),
    { strides: [stride, stride], padding: [padding, padding] },
  )
}

/** Weighted sum of each number's neighbours along axis 1 of [batch, length, width], channel by channel. */
export function depthwise(
  parameters: Parameters,
  x: Tensor,
  window: number,
  { causal = false }: { causal?: boolean } = {},
): Tensor {
  const width = knownLength(x.shape, -1)
  const weight = parameters.get('weight', [window, width], normal(1 / Math.sqrt(window)))
  const before = causal ? window - 1 : Math.floor(window / 2)
  const parts = Array.from({ length: window }, (_, place) =>
    multiply(shift(x, 1, before - place), slice(weight, 0, place, place + 1)),
  )
  return parts.reduce(add)
}

/**
 * A convolution with a gate (Dauphin et al., arXiv 1612.08083), in place of a recurrent unit: it sees the
 * neighbourhood, runs in parallel, and its gradient does not vanish over time.
 */
export function gatedConvolution(
  parameters: Parameters,
  x: Tensor,
  window: number,
  options: { causal?: boolean } = {},
): Tensor {
  const width = knownLength(x.shape, -1)
  const both = linear(parameters.scope('in'), normalised(parameters.scope('norm'), x), width * 2)
  const [value, gate] = [slice(both, -1, 0, width), slice(both, -1, width, width * 2)]
  const mixed = depthwise(parameters.scope('window'), value, window, options)
  return add(x, linear(parameters.scope('out'), multiply(mixed, sigmoid(gate)), width))
}

/** Masks of dropout: 0 where a number is left out, 1 / (1 - rate) elsewhere. They are fed. */
export interface Dropout {
  rate: number
  /** Names an input of this shape that holds a mask at each step of training. */
  mask(shape: Shape): Tensor
}

/** Leaves numbers out at random while training (Srivastava et al., JMLR 2014); without masks, does nothing. */
export const dropped = (x: Tensor, dropout?: Dropout): Tensor =>
  dropout ? multiply(x, dropout.mask(x.shape)) : x
