/**
 * Spectral convolution (Li et al., Fourier neural operator, arXiv 2010.08895): the lowest frequencies along the
 * places, each mixed over channels by weights of its own. The transforms are products with fixed matrices, which
 * for few frequencies costs no more than a fast transform and is differentiated as any product.
 */
import { add, subtract } from '../tensor/elementwise.ts'
import { matmul } from '../tensor/matrix.ts'
import { transpose } from '../tensor/shaping.ts'
import { constant, shapeError, type Tensor } from '../tensor/tensor.ts'
import { normal, type Parameters } from './parameters.ts'

/** Rows are frequencies, columns places; scaled so that back and forth is the identity on what is kept. */
function waves(modes: number, places: number, of: (angle: number) => number): Float32Array {
  return Float32Array.from({ length: modes * places }, (_, at) => {
    const [mode, place] = [Math.floor(at / places), at % places]
    return of((2 * Math.PI * mode * place) / places)
  })
}

/** [batch, places, channels] in and out, with `outputs` channels; `modes` frequencies are kept. */
export function spectral1d(
  parameters: Parameters,
  x: Tensor,
  outputs: number,
  modes: number,
): Tensor {
  const [, places, channels] = x.shape
  if (typeof places !== 'number' || typeof channels !== 'number') {
    throw shapeError('a spectral convolution knows its places and channels')
  }
  if (modes > Math.floor(places / 2) + 1) {
    throw shapeError(`${places} places have no ${modes} frequencies`)
  }
  const cosines = constant(waves(modes, places, Math.cos), [modes, places])
  const sines = constant(waves(modes, places, Math.sin), [modes, places])
  // [batch, modes, channels]: real part, and the imaginary part with its sign turned.
  const [real, turned] = [matmul(cosines, x), matmul(sines, x)]
  const start = normal(1 / (channels * outputs) ** 0.5)
  const shape = [modes, channels, outputs]
  const [weightReal, weightImaginary] = [
    parameters.get('real', shape, start),
    parameters.get('imaginary', shape, start),
  ]
  // Each frequency's own product: [modes, batch, channels] times [modes, channels, outputs].
  const byMode = (tensor: Tensor) => transpose(tensor, [1, 0, 2])
  const mixed = (tensor: Tensor, weight: Tensor) => byMode(matmul(byMode(tensor), weight))
  const outReal = add(mixed(real, weightReal), mixed(turned, weightImaginary))
  const outImaginary = subtract(mixed(real, weightImaginary), mixed(turned, weightReal))
  const back = (of: (angle: number) => number) => {
    const scaled = waves(modes, places, of).map((value, at) => {
      const mode = Math.floor(at / places)
      const single = mode === 0 || mode * 2 === places
      return (value * (single ? 1 : 2)) / places
    })
    return constant(scaled, [modes, places])
  }
  return subtract(
    matmul(back(Math.cos), outReal, { transposeA: true }),
    matmul(back(Math.sin), outImaginary, { transposeA: true }),
  )
}
