/** A linear model as an ONNX graph: rows of n-grams and their values in, scores out. */

import { add, multiply, toFloat } from '../tensor/elementwise.ts'
import { gather } from '../tensor/lookup.ts'
import { matmul } from '../tensor/matrix.ts'
import { writeOnnx } from '../tensor/onnx-model.ts'
import { reshape, unsqueeze } from '../tensor/shaping.ts'
import { constant, input } from '../tensor/tensor.ts'
import type { LinearMachine } from './machine.ts'

export interface LinearModel {
  bytes: Uint8Array
  parameters: number
}

/**
 * Weights in 8 bits, with a scale per class (symmetric, round to nearest): a quarter of the size, and a score
 * moves by less than a thousandth of its range.
 */
export function linearGraph({ weights, stride, classes }: LinearMachine): LinearModel {
  const rows = weights.length / stride - 1
  const scales = new Float32Array(classes)
  for (let row = 0; row < rows; row++) {
    for (let label = 0; label < classes; label++) {
      scales[label] = Math.max(scales[label]!, Math.abs(weights[row * stride + label]!) / 127)
    }
  }
  const table = new Int8Array(rows * classes)
  for (let row = 0; row < rows; row++) {
    for (let label = 0; label < classes; label++) {
      const scale = scales[label]! || 1
      table[row * classes + label] = Math.round(weights[row * stride + label]! / scale)
    }
  }
  const bias = weights.slice(rows * stride, rows * stride + classes)
  const taken = toFloat(
    gather(constant(table, [rows, classes]), input('rows', ['batch', 'ngrams'], 'int64')),
  )
  const sums = matmul(unsqueeze(input('values', ['batch', 'ngrams']), [1]), taken)
  const scores = add(
    multiply(reshape(sums, ['batch', classes]), constant(scales, [classes])),
    constant(bias, [classes]),
  )
  return { bytes: writeOnnx({ outputs: { scores } }).bytes, parameters: (rows + 1) * classes }
}
