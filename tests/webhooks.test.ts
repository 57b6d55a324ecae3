/** Webhooks: finished work is told of, signed, until the receiver has it; over restarts and refusals. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { apiClient, fileForm } from './api-client.ts'
import { newDataFolder, type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

interface Told {
  headers: Record<string, string>
  body: string
}

let program: RunningProgram
let receiver: Server
let port: number
const folder = newDataFolder()
const told: Told[] = []
/** What the receiver answers; taken one by one, then 200. */
let answers: number[] = []

const { ask, made } = apiClient(() => program)

async function eventually<T>(what: string, look: () => T | undefined | Promise<T | undefined>) {
  for (const until = Date.now() + 20_000; Date.now() < until; ) {
    const found = await look()
    if (found) return found
    await new Promise((resume) => setTimeout(resume, 50))
  }
  throw new Error(`not within 20 s: ${what}`)
}

const start = () =>
  startProgram({ folder, key: program?.key, environment: { BASTIDE_LOG_LEVEL: 'silent' } })

before(async () => {
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = request.headers as Record<string, string>
    told.push({ headers, body: Buffer.concat(chunks).toString() })
    response.writeHead(answers.shift() ?? 200).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  port = (receiver.address() as AddressInfo).port
  program = await start()
  await importTinyModels(program)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  receiver?.closeAllConnections()
  receiver?.close()
  rmSync(folder, { recursive: true, force: true })
})

let hook: { id: string; secret: string }

test('nothing is sent where egress does not allow it, and the list says so', async () => {
  const url = `http://127.0.0.1:${port}/told?by=bastide`
  hook = await made('/v1/webhooks', { url, events: ['batch.finished', 'document.finished'] })
  await made(`/v1/webhooks/${hook.id}/test`, undefined)
  const [delivery] = await eventually('an attempt', async () => {
    const { data } = (await ask('GET', `/v1/webhooks/${hook.id}/deliveries`)).body
    return data[0].attempts > 0 ? data : undefined
  })
  assert.match(delivery.last_error, /no egress rule/)
  assert.equal(told.length, 0)
})

test('allowed then, the same delivery arrives, signed', async () => {
  await made('/v1/egress/rules', { host: '127.0.0.1', port, allow_private: true })
  const [{ headers, body }] = await eventually('the test event', () =>
    told.length > 0 ? (told as [Told]) : undefined,
  )
  const verifier = new Webhook(hook.secret)
  const payload = verifier.verify(body, headers) as { type: string }
  assert.equal(payload.type, 'webhook.test')
  assert.throws(() => new Webhook(`whsec_${'A'.repeat(44)}`).verify(body, headers))
  assert.throws(() => verifier.verify(body.replace('test', 'lies'), headers))
  const old = {
    ...headers,
    'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 999),
  }
  assert.throws(() => verifier.verify(body, old))
})

test('a batch that ends is told of, with its state and none of its contents', async () => {
  told.length = 0
  const messages = [{ role: 'user', content: 'a secret of the workspace' }]
  const line = { custom_id: 'one', body: { model: 'tiny', messages, max_tokens: 2 } }
  const file = await made('/v1/files', fileForm('in.jsonl', JSON.stringify(line)))
  const endpoint = '/v1/chat/completions'
  const batch = await made('/v1/batches', { input_file_id: file.id, endpoint })
  const [{ body }] = await eventually('the batch', () =>
    told.length > 0 ? (told as [Told]) : undefined,
  )
  const { type, data } = JSON.parse(body)
  assert.deepEqual([type, data.id, data.status], ['batch.finished', batch.id, 'done'])
  assert.ok(!body.includes('secret'))
})

test('batches that are cancelled before they began are told of like the others', async () => {
  told.length = 0
  const messages = [{ role: 'user', content: 'a' }]
  const body = { model: 'tiny', messages, max_tokens: 1500 }
  const lines = JSON.stringify({ custom_id: 'one', body })
  const file = await made('/v1/files', fileForm('in.jsonl', lines))
  const endpoint = '/v1/chat/completions'
  const begin = () => made('/v1/batches', { input_file_id: file.id, endpoint })
  const batches = await Promise.all([begin(), begin(), begin(), begin(), begin(), begin()])
  await Promise.all(batches.map(({ id }) => ask('POST', `/v1/batches/${id}/cancel`)))
  await eventually('all six', () => (told.length >= batches.length ? true : undefined))
  const ids = told.map((one) => JSON.parse(one.body).data.id as string)
  assert.deepEqual(ids.sort(), batches.map(({ id }) => id as string).sort())
})

test('a receiver that never answers holds up its own workspace, and nobody else', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const dead = (silent.address() as AddressInfo).port
  await made('/v1/egress/rules', { host: '127.0.0.1', port: dead, allow_private: true })
  const { key } = await made('/v1/workspaces', { name: 'other' })
  const url = `http://127.0.0.1:${dead}/`
  const theirs = await made('/v1/webhooks', { url, events: ['batch.finished'] }, key)
  for (let sent = 0; sent < 8; sent++) await made(`/v1/webhooks/${theirs.id}/test`, undefined, key)
  await new Promise((resume) => setTimeout(resume, 2_000))
  told.length = 0
  await made(`/v1/webhooks/${hook.id}/test`, undefined)
  const from = performance.now()
  await eventually('the test event', () => (told.length > 0 ? true : undefined))
  assert.ok(performance.now() - from < 10_000, 'before the silent one was given up')
  await ask('DELETE', `/v1/webhooks/${theirs.id}`, undefined, key)
  silent.closeAllConnections()
  silent.close()
})

test('a receiver that fails is told again, also after the server was killed', async () => {
  told.length = 0
  answers = [500, 503]
  await made(`/v1/webhooks/${hook.id}/test`, undefined)
  await eventually('the first attempt', () => told.length > 0 || undefined)
  program.process.kill('SIGKILL')
  await new Promise((resolve) => program.process.once('exit', resolve))
  program = await start()
  await eventually('the third attempt', () => told.length >= 3 || undefined)
  const ids = new Set(told.map(({ headers }) => headers['webhook-id']))
  assert.equal(ids.size, 1, 'the receiver can tell that it is the same event')
  await eventually('it counts as delivered', async () => {
    const { data } = (await ask('GET', `/v1/webhooks/${hook.id}/deliveries`)).body
    return data[0].status === 'delivered' || undefined
  })
})

test('a webhook that was removed is told nothing, and its address is checked', async () => {
  assert.equal((await ask('DELETE', `/v1/webhooks/${hook.id}`)).status, 204)
  assert.equal((await ask('POST', `/v1/webhooks/${hook.id}/test`)).status, 404)
  for (const url of ['ftp://x.example', 'http://a:b@x.example', 'x', 'file:///etc/passwd']) {
    const { status } = await ask('POST', '/v1/webhooks', { url, events: ['batch.finished'] })
    assert.equal(status, 400, url)
  }
})
