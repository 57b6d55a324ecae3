/** Two hundred streams whose readers hardly read: what they cost in memory, and what the others feel. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { startProgram } from '../../tests/running-program.ts'
import { type Figure, figure } from '../figures.ts'
import type { BenchOptions } from '../main.ts'
import { residentMegabytes } from '../memory.ts'
import { openLoop } from '../open-loop.ts'
import { addRemoteModel, startUpstream } from '../remote-model.ts'

const readers = 200
/** 32 MB for each stream, 6 GB for all, if somebody held it; the sockets' own buffers take a few MB each. */
const piecesPerStream = 2_000
const pieceBytes = 16_384
const readEveryMs = 500

export async function slowReaders(options: BenchOptions): Promise<Figure[]> {
  const seconds = options.quick ? 5 : 20
  using upstream = await startUpstream(20)
  const agent = new Agent({ connections: 512, pipelining: 1 })
  await using program = await startProgram({ ...(options.data && { folder: options.data }) })
  await addRemoteModel(program, upstream)
  const url = `${program.url}/v1/chat/completions`
  const headers = { authorization: `Bearer ${program.key}` }
  const chat = (content: string, more: object) =>
    JSON.stringify({ model: 'up', messages: [{ role: 'user', content }], ...more })
  const others = { name: 'others', url, headers, body: chat('Hello', { max_tokens: 16 }) }
  const memory = () => residentMegabytes(program.process.pid!)

  await openLoop(others, 20, options.quick ? 3 : 10, agent)
  const alone = await openLoop(others, 20, seconds, agent)
  const before = memory()
  const ending = new AbortController()
  const read = async () => {
    const answer = await request(url, {
      method: 'POST',
      headers,
      body: chat(String(pieceBytes), { stream: true, max_tokens: piecesPerStream }),
      dispatcher: agent,
      signal: ending.signal,
    })
    if (answer.statusCode !== 200) throw new Error(`a stream was answered ${answer.statusCode}`)
    for (const reader = answer.body[Symbol.asyncIterator](); ; await sleep(readEveryMs)) {
      if ((await reader.next()).done) return
    }
  }
  const streams = Array.from({ length: readers }, () =>
    read().catch((error) => {
      if (!ending.signal.aborted) throw error
    }),
  )
  const failing = Promise.all(streams)
  await Promise.race([sleep(options.quick ? 5_000 : 20_000), failing])
  const during = memory()
  const crowded = await openLoop(others, 20, seconds, agent)
  options.progress(
    `${readers} slow readers: memory ${before.toFixed(0)} to ${during.toFixed(0)} MB, p99 of others ${alone.p99.toFixed(1)} to ${crowded.p99.toFixed(1)} ms`,
  )
  ending.abort()
  await failing
  const left = await callsLeft(program.url, headers)
  await agent.close()
  return [
    figure('slow_readers', 'streams', [readers]),
    figure('slow_reader_mb_each', 'MB', [(during - before) / readers]),
    figure('slow_readers_others_p99_ratio', 'x', [crowded.p99 / alone.p99]),
    figure('slow_readers_others_failed', 'calls', [alone.failed + crowded.failed]),
    figure('slow_readers_left_after_abort', 'calls', [left]),
  ]
}

/** Calls still under way some seconds after all readers went. */
async function callsLeft(url: string, headers: Record<string, string>): Promise<number> {
  for (let left = Number.NaN, waited = 0; ; waited++) {
    const answer = await request(new URL('/v1/overview', url), { headers })
    left = ((await answer.body.json()) as { requests: { active: number } }).requests.active
    if (left === 0 || waited >= 10) return left
    await sleep(1_000)
  }
}
