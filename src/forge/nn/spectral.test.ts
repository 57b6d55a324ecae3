/** With weights that leave each frequency as it is, a spectral convolution gives back what came in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeOnnx } from '../tensor/onnx-model.ts'
import { OrtTensor } from '../tensor/onnxruntime.ts'
import { input } from '../tensor/tensor.ts'
import { openSession } from '../tensor/training-session.ts'
import { createParameters } from './parameters.ts'
import { spectral1d } from './spectral.ts'

async function transformed(modes: number, values: number[]): Promise<number[]> {
  const places = values.length / 2
  const parameters = createParameters()
  const y = spectral1d(parameters, input('x', ['batch', places, 2]), 2, modes)
  const identity = Float32Array.from({ length: modes * 4 }, (_, at) =>
    at % 4 === 0 || at % 4 === 3 ? 1 : 0,
  )
  const weights = new Map([
    ['real', identity],
    ['imaginary', new Float32Array(modes * 4)],
  ])
  const session = await openSession(writeOnnx({ outputs: { y }, weights }).bytes)
  const x = new OrtTensor('float32', Float32Array.from(values), [1, places, 2])
  const results = await session.run({ x })
  await session.release()
  return Array.from(results.y!.data as Float32Array, (value) => Number(value.toFixed(4)) + 0)
}

test('all frequencies: nothing changes, for even and odd numbers of places', async () => {
  const six = [1, -2, 0.5, 3, 2, 0, -1, 4, 0, 1, 2.5, -3]
  assert.deepEqual(await transformed(4, six), six)
  assert.deepEqual(await transformed(3, six.slice(0, 10)), six.slice(0, 10))
})

test('the lowest frequency alone is the mean', async () => {
  assert.deepEqual(await transformed(1, [1, 10, 2, 20, 3, 30, 6, 40]), [3, 25, 3, 25, 3, 25, 3, 25])
})
