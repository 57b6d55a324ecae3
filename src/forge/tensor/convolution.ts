/** Convolutions along one or more axes: `[batch, channels, ...places]`. */
import { reduceSum, slice, transpose } from './shaping.ts'
import { applyOne, type Dimension, type Operator, shapeError, type Tensor } from './tensor.ts'

export interface ConvolutionOptions {
  /** Steps of the window, per axis of places. */
  strides?: readonly number[]
  /** Zeros before and after, per axis of places. */
  padding?: readonly number[]
  /** Distance of the numbers in a window. */
  dilations?: readonly number[]
}

const swapFirst = (x: Tensor) => transpose(x, [1, 0, ...x.shape.slice(2).map((_, at) => at + 2)])

const convOperator: Operator = {
  name: 'Conv',
  gradient: ({ inputs: [x, weight, bias], attributes }, [upstream]) => {
    const strides = attributes.strides as readonly number[]
    const dilations = attributes.dilations as readonly number[]
    const padding = (attributes.pads as readonly number[]).slice(0, strides.length)
    return [
      inputGradient(x!, weight!, upstream!, { strides, dilations, padding }),
      weightGradient(x!, weight!, upstream!, { strides, dilations, padding }),
      ...(bias ? [reduceSum(upstream!, [0, ...strides.map((_, at) => at + 2)])] : []),
    ]
  },
}

function inputGradient(
  x: Tensor,
  weight: Tensor,
  upstream: Tensor,
  { strides, dilations, padding }: Required<ConvolutionOptions>,
): Tensor {
  // Where the window's steps do not end at the edge, the places left over got nothing.
  const rest = strides.map((stride, at) => {
    const length = x.shape[at + 2]!
    if (stride === 1) return 0
    if (typeof length !== 'number') throw shapeError('a window with steps over unknown lengths')
    const reach = dilations[at]! * (Number(weight.shape[at + 2]) - 1) + 1
    return (length + 2 * padding[at]! - reach) % stride
  })
  const attributes = {
    strides,
    dilations,
    pads: [...padding, ...padding],
    output_padding: rest,
  }
  return applyOne(
    transposedOperator,
    [upstream, weight],
    { type: x.type, shape: x.shape },
    attributes,
  )
}

/** The window slides over the batch as if it were channels; steps and distances change places. */
function weightGradient(
  x: Tensor,
  weight: Tensor,
  upstream: Tensor,
  { strides, dilations, padding }: Required<ConvolutionOptions>,
): Tensor {
  const swapped = convolve(swapFirst(x), swapFirst(upstream), undefined, {
    strides: dilations,
    dilations: strides,
    padding,
  })
  const kernel = weight.shape.slice(2)
  const cut = kernel.reduce<Tensor>((all, length, at) => {
    const has = all.shape[at + 2]
    return has === length ? all : slice(all, at + 2, 0, Number(length))
  }, swapped)
  return swapFirst(cut)
}

const transposedOperator: Operator = { name: 'ConvTranspose' }

/** Weighted sums over a window that slides over the places. `weight` is [out, in, ...window]. */
export function convolve(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvolutionOptions = {},
): Tensor {
  const places = x.shape.slice(2)
  const ones = places.map(() => 1)
  const { strides = ones, dilations = ones, padding = places.map(() => 0) } = options
  const lengths = places.map((length, at): Dimension => {
    const reach = windowReach(dilations[at]!, weight.shape[at + 2]!)
    return windowCount(length, 2 * padding[at]!, reach, strides[at]!)
  })
  const shape = [x.shape[0]!, weight.shape[0]!, ...lengths]
  const attributes = { strides, dilations, pads: [...padding, ...padding] }
  const inputs = bias ? [x, weight, bias] : [x, weight]
  return applyOne(convOperator, inputs, { type: x.type, shape }, attributes)
}

const windowReach = (dilation: number, length: Dimension): Dimension =>
  typeof length === 'number' ? dilation * (length - 1) + 1 : `${dilation}*(${length}-1)+1`

/** How often a window fits; where all of it is a name and steps are 1, "same" padding keeps the name. */
function windowCount(
  length: Dimension,
  padded: number,
  reach: Dimension,
  stride: number,
): Dimension {
  if (typeof length === 'number' && typeof reach === 'number') {
    return Math.floor((length + padded - reach) / stride) + 1
  }
  if (typeof reach === 'number' && stride === 1 && padded === reach - 1) return length
  return `windows(${length},${padded},${reach},${stride})`
}
