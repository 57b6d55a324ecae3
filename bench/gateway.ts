/**
 * What the gateway adds to a call of a remote model: the same requests straight to the upstream,
 * through Bastide and through Portkey's gateway, in turns, in one run. Bastide has authentication, a
 * budget, durable ledger and audit on; Portkey has none of them.
 */
import { spawn } from 'node:child_process'
import { Agent } from 'undici'
import { type RunningProgram, startProgram } from '../tests/running-program.ts'
import { type Figure, figure, slope } from './figures.ts'
import type { BenchOptions } from './main.ts'
import { residentMegabytes } from './memory.ts'
import { closedLoop, type Latencies, openLoop, type Target } from './open-loop.ts'
import { addRemoteModel, startUpstream } from './remote-model.ts'

const upstreamDelayMs = 20
const rates = [50, 100, 200]
const portkeyPort = 18_787
const percentiles = ['p50', 'p95', 'p99', 'p999'] as const

interface Contest extends AsyncDisposable {
  direct: Target
  bastide: Target
  portkey: Target
  program: RunningProgram
  portkeyPid: number
}

export async function benchGateway(options: BenchOptions): Promise<Figure[]> {
  const agent = new Agent({ connections: 256, pipelining: 1 })
  await using contest = await startContest(options.data)
  const wants = (part: string) => options.part === undefined || options.part === part
  const figures: Figure[] = []
  if (wants('latency')) figures.push(...(await latencies(contest, agent, options)))
  if (wants('saturation')) figures.push(...(await saturation(contest, agent, options)))
  if (wants('memory')) figures.push(...(await memorySlope(contest, agent, options)))
  await agent.close()
  return figures
}

async function latencies(contest: Contest, agent: Agent, options: BenchOptions) {
  const { direct, bastide, portkey } = contest
  const rounds = options.quick ? 2 : 5
  const seconds = options.quick ? 4 : 8
  options.progress(`warming up (upstream delay ${upstreamDelayMs} ms)`)
  for (const target of [direct, bastide, portkey]) {
    await openLoop(target, 200, options.quick ? 4 : 15, agent)
  }
  const figures: Figure[] = []
  for (const rate of rates) {
    const results = { bastide: [] as Latencies[], portkey: [] as Latencies[] }
    for (let round = 1; round <= rounds; round++) {
      const floor = await openLoop(direct, rate, seconds, agent)
      for (const target of [bastide, portkey]) {
        const seen = await openLoop(target, rate, seconds, agent)
        const name = target.name as keyof typeof results
        results[name].push(added(seen, floor))
        options.progress(
          `${rate}/s round ${round}: ${target.name} p50 ${seen.p50.toFixed(1)} p99 ${seen.p99.toFixed(1)} ms, direct p99 ${floor.p99.toFixed(1)} ms, failed ${seen.failed}`,
        )
      }
    }
    figures.push(...latencyFigures(rate, results))
  }
  return figures
}

function added(seen: Latencies, floor: Latencies): Latencies {
  const difference = (name: keyof Latencies) => Math.max(0, seen[name] - floor[name])
  return {
    p50: difference('p50'),
    p95: difference('p95'),
    p99: difference('p99'),
    p999: difference('p999'),
    failed: seen.failed,
  }
}

function latencyFigures(
  rate: number,
  { bastide, portkey }: { bastide: Latencies[]; portkey: Latencies[] },
): Figure[] {
  const of = (name: keyof Latencies, all: Latencies[]) => all.map((one) => one[name])
  const failed = [...bastide, ...portkey].reduce((sum, one) => sum + one.failed, 0)
  return [
    ...percentiles.flatMap((name) => [
      figure(`bastide_added_${name}_ms_at_${rate}`, 'ms', of(name, bastide)),
      figure(`portkey_added_${name}_ms_at_${rate}`, 'ms', of(name, portkey)),
      figure(
        `ratio_added_${name}_at_${rate}`,
        'x',
        bastide.map((one, round) => one[name] / portkey[round]![name]),
      ),
    ]),
    figure(`failed_at_${rate}`, 'requests', [failed]),
  ]
}

async function saturation(contest: Contest, agent: Agent, options: BenchOptions) {
  const rounds = options.quick ? 1 : 3
  const found = { bastide: [] as number[], portkey: [] as number[] }
  for (let round = 1; round <= rounds; round++) {
    for (const target of [contest.bastide, contest.portkey]) {
      const { perSecond, failed } = await closedLoop(target, 64, options.quick ? 4 : 10, agent)
      found[target.name as keyof typeof found].push(perSecond)
      options.progress(`saturation: ${target.name} ${perSecond.toFixed(0)}/s, failed ${failed}`)
    }
  }
  return [
    figure('bastide_saturation_per_second', '1/s', found.bastide),
    figure('portkey_saturation_per_second', '1/s', found.portkey),
    figure(
      'ratio_saturation',
      'x',
      found.bastide.map((one, round) => one / found.portkey[round]!),
    ),
  ]
}

/** Resident memory while 100 requests a second pass, from after a warm-up on. */
async function memorySlope(contest: Contest, agent: Agent, options: BenchOptions) {
  const minutes = options.quick ? 0.5 : 10
  options.progress(`memory over ${minutes} minutes at 100/s`)
  const points: [minute: number, megabytes: number][] = []
  const startedAt = performance.now()
  const watch = setInterval(() => {
    const minute = (performance.now() - startedAt) / 60_000
    points.push([minute, residentMegabytes(contest.program.process.pid!)])
  }, 1_000)
  await openLoop(contest.bastide, 100, minutes * 60, agent)
  clearInterval(watch)
  const settled = points.filter(([minute]) => minute > minutes * 0.3)
  return [
    figure('bastide_memory_slope_mb_per_minute', 'MB/min', [slope(settled)]),
    figure(
      'bastide_memory_mb',
      'MB',
      settled.map(([, megabytes]) => megabytes),
    ),
    figure('portkey_memory_mb', 'MB', [residentMegabytes(contest.portkeyPid)]),
  ]
}

async function startContest(data: string | undefined): Promise<Contest> {
  const upstream = await startUpstream(upstreamDelayMs)
  const gateway = 'node_modules/@portkey-ai/gateway/build/start-server.js'
  const portkey = spawn(process.execPath, [gateway, `--port=${portkeyPort}`, '--headless'], {
    stdio: 'ignore',
  })
  const program = await startProgram({ ...(data && { folder: data }) })
  await addRemoteModel(program, upstream)
  const body = (model: string) =>
    JSON.stringify({
      model,
      messages: [{ role: 'user', content: 'Hello there' }],
      max_tokens: 16,
    })
  return {
    program,
    portkeyPid: portkey.pid!,
    direct: {
      name: 'direct',
      url: `${upstream.url}/chat/completions`,
      headers: {},
      body: body('m'),
    },
    bastide: {
      name: 'bastide',
      url: `${program.url}/v1/chat/completions`,
      headers: { authorization: `Bearer ${program.key}` },
      body: body('up'),
    },
    portkey: {
      name: 'portkey',
      url: `http://127.0.0.1:${portkeyPort}/v1/chat/completions`,
      headers: {
        authorization: 'Bearer none',
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': upstream.url,
      },
      body: body('m'),
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]()
      portkey.kill()
      upstream[Symbol.dispose]()
    },
  }
}
