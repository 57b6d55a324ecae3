/** Rows by number, and numbers as rows. */

import { productOf } from './dimensions.ts'
import { asRows, matmul } from './matrix.ts'
import { reshape } from './shaping.ts'
import { applyOne, constant, integers, type Operator, shapeError, type Tensor } from './tensor.ts'

const gatherOperator: Operator = {
  name: 'Gather',
  gradient: ({ inputs: [table, rows] }, [upstream]) => [
    rowsAdded(table!, rows!, upstream!),
    undefined,
  ],
}

/** Rows of a table: for indices of any shape, a tensor of that shape and the table's other axes. */
export function gather(table: Tensor, rows: Tensor): Tensor {
  const shape = [...rows.shape, ...table.shape.slice(1)]
  return applyOne(gatherOperator, [table, rows], { type: table.type, shape }, { axis: 0 })
}

/** Up to this many rows a product with ones and zeros is faster than adding row by row. */
const oneHotRowsMax = 512

/** The sum of the gradients of each row that was taken. */
function rowsAdded(table: Tensor, rows: Tensor, upstream: Tensor): Tensor {
  const [count, width] = table.shape
  if (typeof count !== 'number' || typeof width !== 'number' || table.shape.length !== 2) {
    throw shapeError('a table is a matrix of known size')
  }
  const flatRows = reshape(rows, [productOf(rows.shape)])
  const flat = asRows(upstream)
  if (count <= oneHotRowsMax) return matmul(oneHot(flatRows, count), flat, { transposeA: true })
  const zeros = applyOne(constantOfShape, [integers([count, width])], {
    type: 'float32',
    shape: [count, width],
  })
  const index = reshape(flatRows, [...flatRows.shape, 1])
  return applyOne(
    scatterOperator,
    [zeros, index, flat],
    { type: 'float32', shape: table.shape },
    { reduction: 'add' },
  )
}

const constantOfShape: Operator = { name: 'ConstantOfShape' }
const scatterOperator: Operator = { name: 'ScatterND' }
const oneHotOperator: Operator = { name: 'OneHot' }

/** Numbers as rows with a single 1. */
export function oneHot(rows: Tensor, width: number): Tensor {
  const shape = [...rows.shape, width]
  const values = constant(Float32Array.of(0, 1), [2])
  const depth = constant(BigInt64Array.of(BigInt(width)), [])
  return applyOne(oneHotOperator, [rows, depth, values], { type: 'float32', shape }, { axis: -1 })
}
