/** A small model that learns to tell which of its first four inputs is the largest; run as a program, it prints a digest of its weights. */
import { createHash } from 'node:crypto'
import { createMasks } from '../nn/dropout.ts'
import { dropped, linear } from '../nn/layers.ts'
import { createParameters } from '../nn/parameters.ts'
import type { createRandom } from '../random.ts'
import { relu } from '../tensor/elementwise.ts'
import { crossEntropy } from '../tensor/losses.ts'
import { input } from '../tensor/tensor.ts'
import type { Feeds } from '../tensor/training-session.ts'
import { type TrainedWeights, type Training, train } from './trainer.ts'

const [width, classes, size, batchesPerEpoch] = [8, 4, 16, 20]

export function largestTraining(more: Partial<Training> = {}): Training {
  const parameters = createParameters()
  const masks = createMasks(0.2)
  const x = input('x', ['batch', width])
  const hidden = dropped(relu(linear(parameters.scope('in'), x, 32)), masks)
  const scores = linear(parameters.scope('out'), hidden, classes)
  return {
    parameters,
    masks,
    loss: crossEntropy(scores, input('y', ['batch'], 'int64')),
    optimiser: { kind: 'adamw', decay: 0.01, clipNorm: 1, averaging: 0.98 },
    schedule: { kind: 'cosine', rate: 0.02 },
    epochs: 6,
    seed: 5,
    batches: (_, random) => Array.from({ length: batchesPerEpoch }, () => batchOf(random)),
    ...more,
  }
}

function batchOf(random: ReturnType<typeof createRandom>): Feeds {
  const data = Float32Array.from({ length: size * width }, () => random.normal())
  const labels = BigInt64Array.from({ length: size }, (_, row) => {
    const own = data.subarray(row * width, row * width + classes)
    return BigInt(own.indexOf(Math.max(...own)))
  })
  return {
    x: { type: 'float32', shape: [size, width], names: ['batch', undefined], data },
    y: { type: 'int64', shape: [size], data: labels },
  }
}

export const digestOf = ({ values }: TrainedWeights): string =>
  createHash('sha256').update(values.numbers).digest('hex')

if (process.argv[1] === import.meta.filename) {
  const path = process.argv[2]!
  const training = largestTraining({ checkpoint: { path, everySeconds: 0 } })
  const trained = await train({
    ...training,
    progress: ({ step }) => process.stdout.write(`step ${step}\n`),
  })
  process.stdout.write(`digest ${digestOf(trained)}\n`)
}
