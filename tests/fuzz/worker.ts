/**
 * Feeds one target, in a thread, so that its parent sees it hang: before each input its bytes are put into
 * shared memory, and the count of inputs goes up after it.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { randomNumbers } from '../random.ts'
import { corpusOf } from './corpus.ts'
import { mutate } from './mutate.ts'
import { loadTarget, type TargetName } from './target.ts'

export interface WorkerTask {
  name: TargetName
  seed: number
  milliseconds: number
  /** Counts of inputs begun and done, and the length of the one that is taken. */
  counts: Int32Array
  current: Uint8Array
  /** Only these inputs, instead of mutations. */
  replay: Uint8Array[] | null
}

export type FromWorker =
  | { type: 'ready'; patienceMs: number }
  | { type: 'broken'; bytes: Uint8Array; reason: string }
  | { type: 'done'; outcomes: Record<string, number> }

/** Memory that one input may add; the largest take some ten megabytes. */
const growthBytesMax = 256 * 2 ** 20
const poolMax = 400

const { name, seed, milliseconds, counts, current, replay } = workerData as WorkerTask
const port = parentPort!
const target = await loadTarget(name)
const outcomes = new Map<string, number>()
const send = (message: FromWorker) => port.postMessage(message)

/** Takes one input in and says whether its outcome is new. */
async function feed(bytes: Buffer): Promise<boolean> {
  current.set(bytes.subarray(0, current.length))
  Atomics.store(counts, 2, bytes.length)
  Atomics.add(counts, 0, 1)
  const before = process.memoryUsage.rss()
  const startedAt = performance.now()
  let outcome: string
  try {
    outcome = await target.take(bytes)
    const took = performance.now() - startedAt
    if (took > target.patienceMs) throw new Error(`it took ${Math.round(took)} ms`)
    const grown = process.memoryUsage.rss() - before
    if (grown > growthBytesMax) throw new Error(`it took ${Math.round(grown / 2 ** 20)} MB`)
  } catch (error) {
    outcome = 'BROKEN'
    send({ type: 'broken', bytes, reason: error instanceof Error ? error.stack! : String(error) })
  }
  Atomics.add(counts, 1, 1)
  const known = outcomes.get(outcome) ?? 0
  outcomes.set(outcome, known + 1)
  return known === 0
}

async function fuzz(): Promise<void> {
  const seeds = await target.seeds()
  const pool = [...seeds, ...corpusOf(name).map(({ bytes }) => bytes)]
  for (const bytes of pool) await feed(bytes)
  const random = randomNumbers(seed)
  const any = () => pool[Math.floor(random() * pool.length)]!
  const dictionary = target.dictionary.map((token) => Buffer.from(token as Uint8Array))
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    const bytes = mutate(any(), random, { dictionary, other: any() })
    if (random() < 0.7) target.repair?.(bytes)
    if ((await feed(bytes)) && pool.length < poolMax) pool.push(bytes)
  }
}

send({ type: 'ready', patienceMs: target.patienceMs })
if (replay) for (const bytes of replay) await feed(Buffer.from(bytes))
else await fuzz()
await target.close?.()
send({ type: 'done', outcomes: Object.fromEntries(outcomes) })
