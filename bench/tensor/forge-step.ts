/** Trains a reference model by Forge in a process of its own and says what a step took. */
import { openModel } from '../../src/forge/tensor/gradient-fixture.ts'
import { createOptimiser } from '../../src/forge/tensor/optimiser.ts'
import { batchesOf } from '../../src/forge/tensor/torch-fixture.ts'
import { references } from './references.ts'

const [name, steps] = [process.argv[2] as keyof typeof references, Number(process.argv[3])]
const reference = references[name]
const { weights, session } = await openModel(reference.build)
const batches = batchesOf(reference, 2)
const optimiser = createOptimiser(weights, { kind: 'adamw', decay: 0.01 })
const cpu: number[] = []
for (let step = 0; step < steps; step++) {
  const before = process.cpuUsage()
  await session.run(batches[step % batches.length]!)
  optimiser.apply(1e-3)
  const { user, system } = process.cpuUsage(before)
  cpu.push((user + system) / 1e6)
}
console.log(JSON.stringify({ cpu, peakKilobytes: process.resourceUsage().maxRSS }))
process.exit(0)
