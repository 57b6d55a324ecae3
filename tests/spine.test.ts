/**
 * The spine as its users meet it: the real program with a real engine. A model with random weights
 * is imported, called, booked, limited and audited; the SDKs have tests of their own.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type RunningProgram, startProgram } from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

let program: RunningProgram

async function call<T>(method: string, path: string, body?: unknown, key = program.key) {
  const response = await fetch(new URL(path, program.url), {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: (text ? JSON.parse(text) : null) as T }
}

before(async () => {
  program = await startProgram()
  const imported = await program.command('model', 'import', await makeTinyLlama(), '--name', 'tiny')
  assert.equal(imported.code, 0, imported.errors)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
})

describe('budgets, roles and books', () => {
  test('a request limit holds under concurrency', async () => {
    const made = await call<{ id: string; key: string }>('POST', '/v1/keys', { name: 'limited' })
    assert.equal(made.status, 201)
    const limit = {
      subject_kind: 'key',
      subject_id: made.body.id,
      metric: 'requests',
      window: 'total',
    }
    assert.equal((await call('POST', '/v1/limits', { ...limit, amount: 3 })).status, 201)
    const chat = { model: 'tiny', messages: [{ role: 'user', content: 'x' }], max_tokens: 1 }
    const statuses = await Promise.all(
      Array.from(
        { length: 8 },
        async () => (await call('POST', '/v1/chat/completions', chat, made.body.key)).status,
      ),
    )
    assert.equal(statuses.filter((status) => status === 200).length, 3)
    assert.equal(statuses.filter((status) => status === 429).length, 5)
  })

  test('a member cannot make keys, and nobody a key above their own', async () => {
    const made = await call<{ key: string }>('POST', '/v1/keys', { name: 'm', role: 'member' })
    assert.equal((await call('POST', '/v1/keys', { name: 'x' }, made.body.key)).status, 403)
    const admin = await call<{ key: string }>('POST', '/v1/keys', { name: 'a', role: 'admin' })
    const above = await call('POST', '/v1/keys', { name: 'x', role: 'owner' }, admin.body.key)
    assert.equal(above.status, 403)
  })

  test('every call is in the ledger with an estimated energy', async () => {
    const chat = { model: 'tiny', messages: [{ role: 'user', content: 'x' }], max_tokens: 4 }
    for (let index = 0; index < 8; index++) await call('POST', '/v1/chat/completions', chat)
    type Usage = { total: { requests: number; joules: number; joules_source: string } }
    const { body } = await call<Usage>('GET', '/v1/usage')
    assert.ok(body.total.requests >= 10)
    assert.ok(body.total.joules > 0)
    assert.equal(body.total.joules_source, 'estimated')
  })

  test('bad bodies are refused clearly', async () => {
    const post = async (body: string | Uint8Array<ArrayBuffer>) => {
      const response = await fetch(`${program.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${program.key}` },
        body,
      })
      return { status: response.status, text: await response.text() }
    }
    assert.equal((await post('{')).status, 400)
    assert.match((await post('{"model":"a","model":"b"}')).text, /same key twice/)
    assert.match((await post(new Uint8Array([0x7b, 0xff]))).text, /UTF-8/)
    assert.match((await post('[')).text, /valid JSON/)
    assert.equal((await post(JSON.stringify({ model: 'tiny', messages: 'x' }))).status, 400)
  })
})

test('the audit chain verifies offline, and every kind of tampering is named', async () => {
  const file = join(program.folder, 'audit.jsonl')
  const key = join(program.folder, 'public.key')
  assert.equal((await program.command('audit', 'export', '--out', file)).code, 0)
  const status = await call<{ public_key: string }>('GET', '/v1/audit/status')
  writeFileSync(key, status.body.public_key)
  const { runCommand } = await import('./running-program.ts')
  const verify = () => runCommand(['audit', 'verify', file, '--key', key, '--json'])
  const intact = await verify()
  assert.equal(intact.code, 0, intact.output)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const tampered: [kind: string, lines: string[]][] = [
    ['changed', lines.map((l, i) => (i === 3 ? l.replace('"outcome":"ok"', '"outcome":"no"') : l))],
    ['removed', lines.filter((_, i) => i !== 3)],
    ['removed', lines.slice(0, -4)],
    ['added', [...lines.slice(0, 4), lines[3]!, ...lines.slice(4)]],
    ['reordered', [...lines.slice(0, 3), lines[4]!, lines[3]!, ...lines.slice(5)]],
  ]
  for (const [kind, changed] of tampered) {
    writeFileSync(file, `${changed.join('\n')}\n`)
    const found = await verify()
    assert.equal(found.code, 3, kind)
    assert.equal(JSON.parse(found.output).problem.kind, kind)
  }
  writeFileSync(file, 'not an export')
  assert.equal((await verify()).code, 2)
})

test('what was acknowledged survives SIGKILL, and the folder can be taken again', async () => {
  const before = await call<{ records: number }>('GET', '/v1/audit/status')
  const { folder, key } = program
  const ended = new Promise((resolve) => program.process.once('exit', resolve))
  program.process.kill('SIGKILL')
  await ended
  const again = await startProgram({ folder, key })
  program = again
  const now = await call<{ records: number }>('GET', '/v1/audit/status')
  assert.ok(now.body.records >= before.body.records)
  const verified = await call<{ intact: boolean }>('POST', '/v1/audit/verify')
  assert.equal(verified.body.intact, true)
})
