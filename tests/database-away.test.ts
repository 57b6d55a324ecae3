/**
 * Goal: a PostgreSQL server that breaks connections, or takes none for a while, costs requests a clear
 * "try again" and nothing else. Method: the real program under calls, while its connections are
 * terminated in a loop and its database is closed to it.
 */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { type RunningProgram, startProgram } from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

const server = process.env.BASTIDE_TEST_POSTGRES
const skip = !server && 'needs a PostgreSQL server (BASTIDE_TEST_POSTGRES)'

let program: RunningProgram
let administrator: pg.Client
let database: string
const acknowledgedKeys = new Set<string>()

before(async () => {
  if (skip) return
  program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'error' } })
  database = basename(program.folder).replaceAll('-', '_').toLowerCase()
  administrator = new pg.Client(`postgres://postgres@/postgres?host=${server}`)
  await administrator.connect()
  const imported = await program.command('model', 'import', await makeTinyLlama(), '--name', 'tiny')
  assert.equal(imported.code, 0, imported.errors)
  assert.equal((await chat()).status, 200)
})

after(async () => {
  await administrator?.end()
  await program?.[Symbol.asyncDispose]()
})

const sleep = (ms: number) => new Promise((resume) => setTimeout(resume, ms))

async function ask(method: string, path: string, body?: object) {
  const response = await fetch(new URL(path, program.url), {
    method,
    headers: { authorization: `Bearer ${program.key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  })
  const retryAfter = response.headers.get('retry-after')
  return { status: response.status, text: await response.text(), retryAfter }
}

const messages = [{ role: 'user', content: 'Hello' }]
const chat = () => ask('POST', '/v1/chat/completions', { model: 'tiny', messages, max_tokens: 2 })

async function makeKey() {
  const answer = await ask('POST', '/v1/keys', { name: 'made while the database comes and goes' })
  if (answer.status === 201) acknowledgedKeys.add(JSON.parse(answer.text).id)
  return answer
}

function assertClear(answer: Awaited<ReturnType<typeof ask>>): void {
  if (answer.status < 300) return
  assert.equal(answer.status, 503, answer.text)
  assert.ok(Number(answer.retryAfter) > 0, 'it says when to try again')
  assert.match(answer.text, /does not answer/)
}

const breakConnections = () =>
  administrator.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
    database,
  ])

async function startBatch(): Promise<string> {
  const requests = Array.from({ length: 20 }, (_, index) => ({
    custom_id: String(index),
    body: { messages, max_tokens: 2 },
  }))
  const start = { requests, endpoint: '/v1/chat/completions', model: 'tiny' }
  const made = await ask('POST', '/v1/batch/jobs', start)
  assert.equal(made.status, 200, made.text)
  return JSON.parse(made.text).id
}

async function assertRecovered(batch: string): Promise<void> {
  const deadline = Date.now() + 90_000
  while ((await chat()).status !== 200) {
    assert.ok(Date.now() < deadline, 'calls work again')
    await sleep(200)
  }
  const listed = JSON.parse((await ask('GET', '/v1/keys')).text) as { data: { id: string }[] }
  const ids = new Set(listed.data.map((key) => key.id))
  for (const id of acknowledgedKeys) assert.ok(ids.has(id), `key ${id} is lost`)
  const verified = JSON.parse((await ask('POST', '/v1/audit/verify', {})).text)
  assert.equal(verified.intact, true, JSON.stringify(verified))
  for (;;) {
    const { text } = await ask('GET', `/v1/batch/jobs/${batch}`)
    const job = JSON.parse(text) as { status: string; succeeded_requests: number }
    if (job.status === 'SUCCESS') return assert.equal(job.succeeded_requests, 20, text)
    assert.ok(Date.now() < deadline && job.status !== 'FAILED', text)
    await sleep(300)
  }
}

describe('a PostgreSQL server', { skip }, () => {
  test('that breaks connections again and again', { timeout: 150_000 }, async () => {
    let breaking = true
    const batch = await startBatch()
    const clients = [chat, makeKey, chat].map(async (request) => {
      while (breaking) assertClear(await request())
    })
    for (let count = 0; count < 40; count++) {
      await sleep(20 + 10 * (count % 10))
      await breakConnections()
    }
    breaking = false
    await Promise.all(clients)
    await assertRecovered(batch)
  })

  test('that takes no connections for a while', { timeout: 150_000 }, async () => {
    const batch = await startBatch()
    await administrator.query(`alter database "${database}" allow_connections false`)
    await breakConnections()
    const until = Date.now() + 3_000
    while (Date.now() < until) {
      for (const request of [chat, makeKey]) assertClear(await request())
      const startedAt = performance.now()
      const health = await ask('GET', '/health')
      assert.equal(health.status, 503, health.text)
      const seconds = (performance.now() - startedAt) / 1000
      assert.ok(seconds < 2, `/health took ${seconds.toFixed(1)} s`)
    }
    assert.equal((await chat()).status, 503)
    await administrator.query(`alter database "${database}" allow_connections true`)
    await assertRecovered(batch)
  })
})
