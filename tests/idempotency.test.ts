/** Idempotency-Key: sent twice, done once, answered twice. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram

async function post(path: string, body: unknown, idempotencyKey?: string, key = program.key) {
  const response = await fetch(new URL(path, program.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const replayed = response.headers.get('idempotent-replayed') === 'true'
  return { status: response.status, replayed, body: text ? JSON.parse(text) : null }
}

async function countOf(path: string): Promise<number> {
  const response = await fetch(new URL(path, program.url), {
    headers: { authorization: `Bearer ${program.key}` },
  })
  return ((await response.json()) as { data: unknown[] }).data.length
}

before(async () => {
  program = await startProgram()
  await importTinyModels(program)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
})

test('a change that is sent twice is made once, and answered alike', async () => {
  const before = await countOf('/v1/keys')
  const first = await post('/v1/keys', { name: 'once' }, 'a-1')
  const second = await post('/v1/keys', { name: 'once' }, 'a-1')
  assert.deepEqual(
    [first.status, first.replayed, second.status, second.replayed],
    [201, false, 201, true],
  )
  assert.deepEqual(second.body, first.body)
  assert.equal(await countOf('/v1/keys'), before + 1)
})

test('a model call that is sent twice is computed and booked once', async () => {
  const chat = { model: 'tiny', messages: [{ role: 'user', content: 'x' }], max_tokens: 4 }
  const entries = () => countOf('/v1/usage/entries')
  const first = await post('/v1/chat/completions', chat, 'chat-1')
  const booked = await entries()
  const second = await post('/v1/chat/completions', chat, 'chat-1')
  assert.deepEqual(second.body, first.body)
  assert.equal(await entries(), booked)
})

test('many at once: one is done, the others wait or get its answer', async () => {
  const before = await countOf('/v1/limits')
  const limit = { metric: 'tokens', window: 'day', amount: 1e9 }
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => post('/v1/limits', limit, 'race')),
  )
  assert.equal(await countOf('/v1/limits'), before + 1)
  const fresh = answers.filter(({ status, replayed }) => status === 201 && !replayed)
  assert.equal(fresh.length, 1)
  for (const { status } of answers) assert.ok(status === 201 || status === 409, String(status))
})

test('another body under the same key is refused; what was refused may be sent again', async () => {
  await post('/v1/keys', { name: 'two' }, 'b-1')
  const other = await post('/v1/keys', { name: 'three' }, 'b-1')
  assert.deepEqual([other.status, other.body.code], [400, 'invalid_request'])
  const wrong = await post('/v1/keys', { name: 'x', member: 'mem_none' }, 'c-1')
  const again = await post('/v1/keys', { name: 'x', member: 'mem_none' }, 'c-1')
  assert.deepEqual([wrong.status, again.status, again.replayed], [404, 404, false])
})

test('keys belong to who sent them, and to one route', async () => {
  const made = await post('/v1/keys', { name: 'another caller', role: 'owner' })
  const mine = await post('/v1/keys', { name: 'four' }, 'd-1')
  const theirs = await post('/v1/keys', { name: 'four' }, 'd-1', made.body.key)
  assert.equal(theirs.replayed, false)
  assert.notEqual(theirs.body.id, mine.body.id)
  const elsewhere = await post('/v1/members', { name: 'four' }, 'd-1')
  assert.deepEqual([elsewhere.status, elsewhere.replayed], [201, false])
})

test('streams, uploads and nonsense are refused in words', async () => {
  const chat = { model: 'tiny', messages: [{ role: 'user', content: 'x' }], stream: true }
  assert.equal((await post('/v1/chat/completions', chat, 'e-1')).status, 400)
  const form = new FormData()
  form.set('file', new File(['x'], 'x.txt'))
  assert.equal((await post('/v1/files', form, 'e-2')).status, 400)
  for (const key of ['', 'with space', 'x'.repeat(256)]) {
    assert.equal((await post('/v1/keys', { name: 'x' }, key)).status, 400, key.slice(0, 20))
  }
})
