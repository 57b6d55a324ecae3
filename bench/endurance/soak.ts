/** Half an hour of mixed work: does memory grow, does the tail drift? */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, FormData, request } from 'undici'
import { startProgram } from '../../tests/running-program.ts'
import { importTinyModels } from '../../tests/tiny-llama.ts'
import { type Figure, figure, slope } from '../figures.ts'
import type { BenchOptions } from '../main.ts'
import { residentMegabytes } from '../memory.ts'
import { openLoop } from '../open-loop.ts'
import { addRemoteModel, startUpstream } from '../remote-model.ts'

const requestsPerSecond = 50
/** Callers that come before the measurement, each one call after the other, as fast as they are answered. */
const warmUpCallers = { remote: 8, local: 4 }
/** What came before this share of the time has not settled from the warming up. */
const settledAfter = 0.1

export async function soak(options: BenchOptions): Promise<Figure[]> {
  const minutes = options.quick ? 1 : 30
  const warmUpMinutes = options.quick ? 0.2 : 5
  const windowSeconds = options.quick ? 10 : 60
  using upstream = await startUpstream(20)
  const agent = new Agent({ connections: 256, pipelining: 1 })
  await using program = await startProgram({ ...(options.data && { folder: options.data }) })
  await addRemoteModel(program, upstream)
  await importTinyModels(program)
  const headers = { authorization: `Bearer ${program.key}` }
  const chat = (model: string) =>
    JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 16 })

  const state = { running: true, beside: 0 }
  /** One call after the other. */
  const caller = async (restMs: number, path: string, body: () => string | FormData) => {
    while (state.running) {
      const answer = await request(new URL(path, program.url), {
        method: 'POST',
        headers,
        body: body(),
        dispatcher: agent,
      })
      await answer.body.dump()
      if (answer.statusCode >= 300) throw new Error(`${path} answered ${answer.statusCode}`)
      state.beside += 1
      if (restMs > 0) await sleep(restMs)
    }
  }
  const upload = () => {
    const form = new FormData()
    form.set('purpose', 'user_data')
    form.set('file', new File(['x'.repeat(100_000)], 'a.txt'))
    return form
  }
  // Code is compiled, heaps and caches fill: what half an hour of the load below does in part only.
  const eager = (count: number, model: string) =>
    Array.from({ length: count }, () => caller(0, '/v1/chat/completions', () => chat(model)))
  const warming = [...eager(warmUpCallers.remote, 'up'), ...eager(warmUpCallers.local, 'tiny')]
  await sleep(warmUpMinutes * 60_000)
  state.running = false
  await Promise.all(warming)
  const warmUpCalls = state.beside
  options.progress(`warmed up with ${warmUpCalls} calls`)
  Object.assign(state, { running: true, beside: 0 })
  const others = Promise.all([
    caller(200, '/v1/chat/completions', () => chat('tiny')),
    caller(2_000, '/v1/files', upload),
    caller(5_000, '/v1/responses', () => JSON.stringify({ model: 'tiny', input: 'Hello' })),
  ])

  const memory: [minute: number, megabytes: number][] = []
  const tails: [minute: number, p99Ms: number][] = []
  const startedAt = performance.now()
  const minute = () => (performance.now() - startedAt) / 60_000
  const watch = setInterval(() => {
    memory.push([minute(), residentMegabytes(program.process.pid!)])
  }, 1_000)
  let failed = 0
  const target = {
    name: 'bastide',
    url: `${program.url}/v1/chat/completions`,
    headers,
    body: chat('up'),
  }
  while (minute() < minutes) {
    const at = minute()
    const seen = await openLoop(target, requestsPerSecond, windowSeconds, agent)
    failed += seen.failed
    tails.push([at, seen.p99])
    options.progress(
      `minute ${at.toFixed(1)} of ${minutes}: p99 ${seen.p99.toFixed(1)} ms, ${memory.at(-1)![1].toFixed(0)} MB, failed ${seen.failed}, beside ${state.beside}`,
    )
  }
  clearInterval(watch)
  state.running = false
  await others
  await agent.close()
  const settled = <T extends readonly [number, number]>(points: T[]) =>
    points.filter(([at]) => at >= minutes * settledAfter)
  const values = (points: (readonly [number, number])[]) => points.map(([, value]) => value)
  return [
    figure('soak_minutes', 'min', [minutes]),
    figure('soak_calls_before', 'calls', [warmUpCalls]),
    figure('soak_memory_slope_mb_per_minute', 'MB/min', [slope(settled(memory))]),
    figure('soak_memory_mb', 'MB', values(settled(memory))),
    figure('soak_p99_ms', 'ms', values(settled(tails))),
    figure('soak_p99_drift_ms_per_minute', 'ms/min', [slope(settled(tails))]),
    figure('soak_failed', 'calls', [failed]),
    figure('soak_calls_beside', 'calls', [state.beside]),
  ]
}
