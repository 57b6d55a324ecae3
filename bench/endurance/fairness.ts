/** One workspace floods a model, another asks now and then: what does the modest one wait? */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { startProgram } from '../../tests/running-program.ts'
import { importTinyModels } from '../../tests/tiny-llama.ts'
import { type Figure, figure } from '../figures.ts'
import type { BenchOptions } from '../main.ts'
import { closedLoop } from '../open-loop.ts'

const greedyCallers = 64

export async function fairness(options: BenchOptions): Promise<Figure[]> {
  const seconds = options.quick ? 5 : 30
  const agent = new Agent({ connections: 128, pipelining: 1 })
  await using program = await startProgram({ ...(options.data && { folder: options.data }) })
  await importTinyModels(program)
  const made = await fetch(new URL('/v1/workspaces', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program.key}` },
    body: JSON.stringify({ name: 'modest' }),
  })
  const { key } = (await made.json()) as { key: string }
  const caller = (name: string, secret: string) => ({
    name,
    url: `${program.url}/v1/chat/completions`,
    headers: { authorization: `Bearer ${secret}` },
    body: JSON.stringify({
      model: 'tiny',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 32,
    }),
  })
  const [greedy, modest] = [caller('greedy', program.key), caller('modest', key)]
  await closedLoop(modest, 1, 3, agent)
  const alone = await closedLoop(modest, 1, seconds, agent)
  const flood = closedLoop(greedy, greedyCallers, seconds + 2, agent)
  await sleep(1_000)
  const crowded = await closedLoop(modest, 1, seconds, agent)
  const flooded = await flood
  await agent.close()
  // What one caller among so many would get if all stood in one line.
  const inOneLine = flooded.perSecond / greedyCallers
  options.progress(
    `modest: ${alone.perSecond.toFixed(1)}/s alone, ${crowded.perSecond.toFixed(1)}/s beside ${greedyCallers} callers who got ${flooded.perSecond.toFixed(1)}/s`,
  )
  return [
    figure('modest_alone_per_second', '1/s', [alone.perSecond]),
    figure('modest_beside_greedy_per_second', '1/s', [crowded.perSecond]),
    figure('modest_slowdown', 'x', [alone.perSecond / crowded.perSecond]),
    figure('modest_over_one_line', 'x', [crowded.perSecond / inOneLine]),
    figure('fairness_failed', 'calls', [alone.failed + crowded.failed]),
  ]
}
