/** Runs a target for a time, or over given inputs, and keeps what broke it. */
import { Worker } from 'node:worker_threads'
import { keep } from './corpus.ts'
import type { TargetName } from './target.ts'
import type { FromWorker, WorkerTask } from './worker.ts'

export interface FuzzResult {
  executions: number
  perSecond: number
  /** How often each thing happened. */
  outcomes: Record<string, number>
  /** What broke, with the command that shows it again. */
  broken: { reason: string; replay: string }[]
}

export interface FuzzOptions {
  name: TargetName
  seed: number
  milliseconds: number
  /** Only these inputs. */
  replay?: Uint8Array[]
}

const currentBytes = 1 << 20
/** One bug is found in many ways; the first few are enough to mend it. */
const brokenMax = 5

export async function fuzz({ name, seed, milliseconds, replay }: FuzzOptions): Promise<FuzzResult> {
  const counts = new Int32Array(new SharedArrayBuffer(12))
  const current = new Uint8Array(new SharedArrayBuffer(currentBytes))
  const task: WorkerTask = { name, seed, milliseconds, counts, current, replay: replay ?? null }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: task,
    // An input that takes more ends the thread, not this process.
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const result: FuzzResult = { executions: 0, perSecond: 0, outcomes: {}, broken: [] }
  const ended = Promise.withResolvers<void>()
  const startedAt = performance.now()
  const broke = (bytes: Uint8Array, reason: string) => {
    const command = `node tests/fuzz/nightly.ts --target ${name} --replay ${keep(name, bytes)}`
    result.broken.push({ reason, replay: command })
    if (result.broken.length >= brokenMax) ended.resolve()
  }
  let hanging: NodeJS.Timeout | undefined
  worker.on('message', (message: FromWorker) => {
    if (message.type === 'broken') broke(message.bytes, message.reason)
    else if (message.type === 'ready')
      hanging = watch(counts, message.patienceMs, () => {
        broke(current.slice(0, counts[2]), 'it never came to an end')
        ended.resolve()
      })
    else {
      result.outcomes = message.outcomes
      ended.resolve()
    }
  })
  worker.on('error', (error) => {
    // Its seeds could not be made, which is no input's doing.
    if (counts[0] === 0) return ended.reject(error)
    broke(current.slice(0, counts[2]), `it ended the thread: ${error.stack}`)
    ended.resolve()
  })
  await ended.promise
  clearInterval(hanging)
  await worker.terminate()
  const seconds = (performance.now() - startedAt) / 1000
  result.executions = Atomics.load(counts, 1)
  result.perSecond = Math.round(result.executions / seconds)
  return result
}

/** Calls `stuck` when one input is being taken for twice its time. */
function watch(counts: Int32Array, patienceMs: number, stuck: () => void): NodeJS.Timeout {
  let [done, since] = [-1, performance.now()]
  const timer = setInterval(() => {
    const now = Atomics.load(counts, 1)
    if (now !== done || Atomics.load(counts, 0) === now) [done, since] = [now, performance.now()]
    else if (performance.now() - since > patienceMs * 2) {
      clearInterval(timer)
      stuck()
    }
  }, 200)
  return timer
}
