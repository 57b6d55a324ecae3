/**
 * Added latency of the gateway, open loop: requests start on a fixed schedule whatever the answers
 * do, latency counts from the scheduled start, and the upstream's delay is measured directly in the
 * same run. Bastide has authentication, a budget, durable ledger and audit on; Portkey has none.
 *
 * Usage: node bench/gateway.ts [seconds per rate] [rates]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { build } from 'hdr-histogram-js'
import { Agent, request } from 'undici'
import { startProgram } from '../tests/running-program.ts'

const seconds = Number(process.argv[2] ?? 20)
const rates = (process.argv[3] ?? '50,100,200').split(',').map(Number)
const portkeyPort = 18_787
const agent = new Agent({ connections: 256, pipelining: 1 })
const body = (model: string) =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello there' }], max_tokens: 16 })

interface Target {
  name: string
  url: string
  headers: Record<string, string>
  model: string
}

async function measure(target: Target, rate: number, durationSeconds: number) {
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000 })
  let failed = 0
  const send = async (scheduledAt: number) => {
    try {
      const answer = await request(target.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...target.headers },
        body: body(target.model),
        dispatcher: agent,
      })
      await answer.body.dump()
      if (answer.statusCode !== 200) failed += 1
    } catch {
      // Counted and reported: a target that refuses under load is a result, not an accident.
      failed += 1
    }
    histogram.recordValue(Math.max(1, Math.round((performance.now() - scheduledAt) * 1000)))
  }
  const startedAt = performance.now()
  const inFlight: Promise<void>[] = []
  const total = rate * durationSeconds
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate) + 1)
    for (; sent < due; sent++) inFlight.push(send(startedAt + (sent / rate) * 1000))
    await new Promise((resume) => setTimeout(resume, 1))
  }
  await Promise.all(inFlight)
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000
  return { p50: at(50), p95: at(95), p99: at(99), p999: at(99.9), failed }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => createInterface({ input: child.stdout! }).once('line', resolve))
}

const upstream = spawn(process.execPath, ['bench/mock-upstream.ts', '20'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const upstreamPort = Number(await firstLine(upstream))
const portkey = spawn(
  process.execPath,
  ['node_modules/@portkey-ai/gateway/build/start-server.js', `--port=${portkeyPort}`, '--headless'],
  { stdio: 'ignore' },
)
const program = await startProgram()
const admin = async (path: string, json: object) => {
  const response = await fetch(new URL(path, program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program.key}` },
    body: JSON.stringify(json),
  })
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
}
await admin('/v1/egress/rules', { host: '127.0.0.1', port: upstreamPort, allow_private: true })
await admin('/v1/limits', { metric: 'tokens', window: 'day', amount: 1e9 })
const upstreamUrl = `http://127.0.0.1:${upstreamPort}/v1`
const added = await program.command('model', 'remote', 'up', '--url', upstreamUrl, '--model', 'm')
if (added.code !== 0) throw new Error(added.errors)

const targets: Target[] = [
  { name: 'direct', url: `${upstreamUrl}/chat/completions`, headers: {}, model: 'm' },
  {
    name: 'bastide',
    url: `${program.url}/v1/chat/completions`,
    headers: { authorization: `Bearer ${program.key}` },
    model: 'up',
  },
  {
    name: 'portkey',
    url: `http://127.0.0.1:${portkeyPort}/v1/chat/completions`,
    headers: {
      authorization: 'Bearer none',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': upstreamUrl,
    },
    model: 'm',
  },
]
const columns = ['p50', 'p95', 'p99', 'p999', 'failed'] as const
console.log('milliseconds from the scheduled start; upstream delay 20 ms')
console.log(['rate', 'target', ...columns].join('\t'))
for (const target of targets) await measure(target, 100, 5)
for (const rate of rates) {
  for (const target of targets) {
    const result = await measure(target, rate, seconds)
    console.log([rate, target.name, ...columns.map((name) => result[name].toFixed(1))].join('\t'))
  }
}
await program[Symbol.asyncDispose]()
portkey.kill()
upstream.kill()
await agent.close()
