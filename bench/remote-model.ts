/** A remote model under a benchmark's control: a server that answers in a known time, and its place at the gateway. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { RunningProgram } from '../tests/running-program.ts'

export interface Upstream extends Disposable {
  port: number
  /** Base of its OpenAI-compatible API. */
  url: string
}

/** Starts an upstream that begins to answer after `delayMs`. */
export async function startUpstream(delayMs: number): Promise<Upstream> {
  const child = spawn(process.execPath, ['bench/mock-upstream.ts', String(delayMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = Number(
    await new Promise<string>((resolve) =>
      createInterface({ input: child.stdout! }).once('line', resolve),
    ),
  )
  return {
    port,
    url: `http://127.0.0.1:${port}/v1`,
    [Symbol.dispose]: () => void child.kill(),
  }
}

/** Makes the upstream the model `up` of the program, under a budget, as a customer's would be. */
export async function addRemoteModel(program: RunningProgram, upstream: Upstream): Promise<void> {
  const { port, url } = upstream
  const post = async (path: string, json: object) => {
    const response = await fetch(new URL(path, program.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${program.key}` },
      body: JSON.stringify(json),
    })
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
  }
  await post('/v1/egress/rules', { host: '127.0.0.1', port, allow_private: true })
  await post('/v1/limits', { metric: 'tokens', window: 'day', amount: 1e9 })
  const more = ['--url', url, '--model', 'm', '--concurrency', '512']
  const added = await program.command('model', 'remote', 'up', ...more)
  if (added.code !== 0) throw new Error(added.errors)
}
