/** The same model from the same weights on the same batches loses what it loses in PyTorch. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openModel } from './gradient-fixture.ts'
import { createOptimiser } from './optimiser.ts'
import {
  batchesOf,
  perceptron,
  type Reference,
  runTorch,
  torchVersion,
  transformer,
} from './torch-fixture.ts'

const version = torchVersion()
const skip = version === undefined ? "PyTorch is not there (Debian's python3-torch)" : false
const steps = 100

const small = { layers: 2, width: 32, heads: 4, hidden: 64, classes: 8, batch: 4, length: 12 }
const references: [string, Reference][] = [
  ['a perceptron', perceptron([24, 32, 32, 8], 16)],
  ['a transformer', transformer(small)],
]

for (const [name, reference] of references) {
  test(`${name}: ${steps} steps as PyTorch takes them`, { skip }, async () => {
    const { weights, session } = await openModel(reference.build)
    const batches = batchesOf(reference, 10)
    const options = { steps, rate: 1e-3, decay: 0.01, threads: 1 }
    const torch = runTorch(reference, weights, batches, options)
    const optimiser = createOptimiser(weights, { kind: 'adamw', decay: options.decay })
    for (let step = 0; step < steps; step++) {
      const { loss } = await session.run(batches[step % batches.length]!)
      const expected = torch.losses[step]!
      const difference = Math.abs(loss - expected) / expected
      assert.ok(difference < 1e-4, `step ${step}: ${loss} here, ${expected} in PyTorch ${version}`)
      optimiser.apply(options.rate)
    }
    assert.ok(torch.losses[steps - 1]! < torch.losses[0]! * 0.8, 'it learns')
    await session.close()
  })
}
