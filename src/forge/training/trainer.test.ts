/** Training as a whole: it learns, it is repeatable, and being killed changes nothing. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors.ts'
import { rateAt } from './schedule.ts'
import { train } from './trainer.ts'
import { digestOf, largestTraining } from './training-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-training-'))
after(() => rmSync(folder, { recursive: true }))

test('it learns, and the same seed gives the same weights', async () => {
  const [one, two] = [await train(largestTraining()), await train(largestTraining())]
  assert.ok(one.losses.at(-1)! < one.losses[0]! * 0.6, String(one.losses))
  assert.equal(digestOf(one), digestOf(two))
  assert.notEqual(digestOf(one), digestOf(await train(largestTraining({ seed: 6 }))))
})

const program = fileURLToPath(new URL('./training-fixture.ts', import.meta.url))

/** Runs the training in a process of its own; killed after so many steps seen, or to its end. */
async function runOnce(path: string, killAfter: number): Promise<string | null> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let [seen, digest]: [number, string | null] = [0, null]
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('digest ')) digest = line.slice(7)
    else if (++seen === killAfter) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return digest
}

test('killed again and again, it ends with the weights of a training left alone', async () => {
  const path = join(folder, 'killed.checkpoint')
  let digest: string | null = null
  for (const killAfter of [7, 1, 30, 41, Number.POSITIVE_INFINITY]) {
    digest = await runOnce(path, killAfter)
  }
  assert.equal(digest, digestOf(await train(largestTraining())))
})

test('a checkpoint that was changed is refused; one of another training is left alone', async () => {
  const path = join(folder, 'changed.checkpoint')
  await train(largestTraining({ checkpoint: { path } }))
  const other = await train(largestTraining({ seed: 9, checkpoint: { path: `${path}.other` } }))
  const again = await train(largestTraining({ seed: 9, checkpoint: { path } }))
  assert.equal(digestOf(again), digestOf(other), 'it began anew')
  const bytes = readFileSync(path)
  bytes[bytes.length - 3]! ^= 1
  writeFileSync(path, bytes)
  await assert.rejects(train(largestTraining({ seed: 9, checkpoint: { path } })), /was changed/)
})

test('it ends when validation gets no better, with the best weights', async () => {
  const scores = [1, 3, 2, 2, 9]
  const seen: number[] = []
  let best: Float32Array | undefined
  const trained = await train(
    largestTraining({
      patience: 2,
      validate: async (_, { numbers }) => {
        const score = scores[seen.length]!
        if (score === 3) best = numbers.slice()
        seen.push(score)
        return score
      },
    }),
  )
  assert.deepEqual(seen, [1, 3, 2, 2])
  assert.equal(trained.best, 3)
  assert.deepEqual(trained.values.numbers, best)
})

test('a loss that is no number ends training with what to do', async () => {
  const wild = largestTraining({
    optimiser: { kind: 'momentum', beta1: 0.99 },
    schedule: { kind: 'constant', rate: 1e30 },
  })
  await assert.rejects(train(wild), (error) => {
    return error instanceof AppError && /diverged at step \d+/.test(error.message)
  })
})

test('it can be stopped', async () => {
  const stop = new AbortController()
  const training = largestTraining({
    signal: stop.signal,
    progress: ({ step }) => {
      if (step === 3) stop.abort(new AppError('cancelled', 'stopped'))
    },
  })
  await assert.rejects(train(training), /stopped/)
})

test('rates grow, hold or fall', () => {
  const at = (kind: 'constant' | 'linear' | 'cosine', step: number) =>
    Number(rateAt({ kind, rate: 1, steps: 100, warmUp: 0.1 }, step).toFixed(3))
  assert.deepEqual(
    [0, 4, 9].map((step) => at('cosine', step)),
    [0.1, 0.5, 1],
  )
  assert.deepEqual(
    [10, 55, 100].map((step) => at('cosine', step)),
    [1, 0.5, 0],
  )
  assert.deepEqual(
    [10, 55, 100].map((step) => at('linear', step)),
    [1, 0.5, 0],
  )
  assert.deepEqual(
    [10, 100].map((step) => at('constant', step)),
    [1, 1],
  )
})
