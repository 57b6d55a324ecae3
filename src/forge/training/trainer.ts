/**
 * Trains a model: epochs of batches, a rate that changes, gradients that are shortened, an end when validation
 * gets no better. What happens depends on the seed alone, so that a training that was killed ends as it would
 * have.
 */
import { createHash } from 'node:crypto'
import { AppError } from '../../errors.ts'
import type { Masks } from '../nn/dropout.ts'
import type { Parameters } from '../nn/parameters.ts'
import { createRandom, type Random } from '../random.ts'
import { createOptimiser, type OptimiserOptions, stretchesOf } from '../tensor/optimiser.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Feeds, openTrainingSession, type SessionOptions } from '../tensor/training-session.ts'
import { type Stretch, Weights } from '../tensor/weights.ts'
import { readCheckpoint, type Standing, writeCheckpoint } from './checkpoint.ts'
import { rateAt, type ScheduleOptions } from './schedule.ts'

export interface Training {
  parameters: Parameters
  loss: Tensor
  optimiser: OptimiserOptions
  schedule: Omit<ScheduleOptions, 'steps'>
  epochs: number
  seed: number
  masks?: Masks
  /** The batches of an epoch; what is random about them comes from `random`. */
  batches(epoch: number, random: Random): Feeds[]
  /** How good weights are: the more the better. Asked after each epoch. */
  validate?(weights: Weights, values: Stretch): Promise<number>
  /** Epochs without a better validation after which training ends. */
  patience?: number
  checkpoint?: { path: string; everySeconds?: number }
  session?: SessionOptions
  signal?: AbortSignal | undefined
  progress?(told: Progress): void
}

export interface Progress {
  epoch: number
  step: number
  steps: number
  loss: number
}

export interface TrainedWeights {
  weights: Weights
  /** The best weights by validation; without one, the average where it is kept, else the last ones. */
  values: Stretch
  steps: number
  /** Mean loss of each epoch done here. */
  losses: number[]
  best: number | null
}

const defaultEverySeconds = 30
/** Room for the best weights, beside what the optimiser keeps. */
const extraStretches = 1

export async function train(training: Training): Promise<TrainedWeights> {
  const { parameters, optimiser: wish, seed, epochs } = training
  const weights = new Weights(parameters.infos(), stretchesOf(wish) + extraStretches)
  parameters.fill(weights, seed)
  const optimiser = createOptimiser(weights, wish)
  const best = weights.stretch()
  best.numbers.set(weights.values.numbers)
  const session = await openTrainingSession(
    weights,
    training.loss,
    parameters.tensors,
    {},
    training.session,
  )
  const kept = [weights.values, ...optimiser.state, best]
  const { checkpoint } = training
  const name = nameOf(training)
  let standing: Standing = { epoch: 0, batches: 0, step: 0, best: null, worse: 0 }
  if (checkpoint) standing = (await readCheckpoint(checkpoint.path, name, kept)) ?? standing
  optimiser.step = standing.step
  const losses: number[] = []
  let writtenAt = performance.now()
  const write = async () => {
    if (!checkpoint) return
    await writeCheckpoint(checkpoint.path, name, standing, kept)
    writtenAt = performance.now()
  }
  try {
    for (
      ;
      standing.epoch < epochs;
      standing = { ...standing, epoch: standing.epoch + 1, batches: 0 }
    ) {
      const batches = training.batches(standing.epoch, createRandom(seed * 7919 + standing.epoch))
      const steps = batches.length * epochs
      let total = 0
      for (let at = standing.batches; at < batches.length; at++) {
        training.signal?.throwIfAborted()
        const feeds = withMasks(training, batches[at]!, standing.step)
        const { loss } = await session.run(feeds)
        if (!Number.isFinite(loss)) throw diverged(standing.step)
        optimiser.apply(rateAt({ ...training.schedule, steps }, standing.step))
        total += loss
        standing = { ...standing, batches: at + 1, step: standing.step + 1 }
        training.progress?.({ epoch: standing.epoch, step: standing.step, steps, loss })
        const everyMs = (checkpoint?.everySeconds ?? defaultEverySeconds) * 1000
        if (performance.now() - writtenAt > everyMs) await write()
      }
      losses.push(total / batches.length)
      if (!training.validate) continue
      const seen = await training.validate(weights, optimiser.average ?? weights.values)
      const better = standing.best === null || seen > standing.best
      if (better) best.numbers.set((optimiser.average ?? weights.values).numbers)
      standing = {
        ...standing,
        best: better ? seen : standing.best,
        worse: better ? 0 : standing.worse + 1,
      }
      if (training.patience !== undefined && standing.worse >= training.patience) break
    }
    standing = { ...standing, epoch: epochs, batches: 0 }
    await write()
  } finally {
    await session.close()
  }
  const values = training.validate ? best : (optimiser.average ?? weights.values)
  return { weights, values, steps: standing.step, losses, best: standing.best }
}

function withMasks({ masks, seed }: Training, feeds: Feeds, step: number): Feeds {
  if (!masks) return feeds
  const lengths = new Map<string, number>()
  // Names of lengths are told by the inputs that have them.
  for (const { shape, names } of Object.values(feeds)) {
    for (const [axis, length] of shape.entries())
      if (names?.[axis]) lengths.set(names[axis], length)
  }
  return { ...feeds, ...masks.feeds(seed, step, lengths) }
}

const diverged = (step: number) =>
  new AppError(
    'invalid_request',
    `Training diverged at step ${step}: the loss is no number any more. Choose a smaller rate, or look for extreme values in the data.`,
  )

/** What a checkpoint belongs to: the model's shape and everything that decides the steps. */
function nameOf({ parameters, optimiser, schedule, epochs, seed }: Training): string {
  const all = [parameters.infos(), optimiser, schedule, epochs, seed]
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}
