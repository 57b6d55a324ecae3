/** A key is never more than it was made: not by another's name, another workspace, or a successor. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiClient } from './api-client.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
const { ask, made } = apiClient(() => program)

before(async () => {
  program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
  await importTinyModels(program)
})
after(() => program[Symbol.asyncDispose]())

test('nobody makes a key in the name of somebody who may do more than they', async () => {
  const owner = await made('/v1/members', { name: 'Owner', role: 'owner' })
  const peer = await made('/v1/members', { name: 'Peer', role: 'admin' })
  const admin = await made('/v1/keys', { name: 'admin', role: 'admin' })
  const wanted = { name: 'narrow', role: 'member', scopes: ['inference:use'] }
  const forOwner = await ask('POST', '/v1/keys', { ...wanted, member: owner.id }, admin.key)
  assert.equal(forOwner.status, 403)
  const forPeer = await ask('POST', '/v1/keys', { ...wanted, member: peer.id }, admin.key)
  assert.equal(forPeer.status, 201)
})

test('a narrow key of an owner begins no session but its own, and moves nowhere', async () => {
  const owner = await made('/v1/members', { name: 'Ada', role: 'owner' })
  const key = await made('/v1/keys', {
    name: 'narrow',
    role: 'member',
    member: owner.id,
    scopes: ['inference:use', 'models:read'],
    allowed_models: ['tiny'],
  })
  const { workspace } = (await ask('GET', '/v1/session')).body
  const move = (headers: Record<string, string>) =>
    fetch(new URL('/v1/session', program.url), {
      method: 'PATCH',
      headers: { origin: program.url, ...headers },
      body: JSON.stringify({ workspace: workspace.id }),
    })
  const bearer = { authorization: `Bearer ${key.key}` }
  assert.equal((await move(bearer)).status, 404)
  assert.equal((await move({ ...bearer, cookie: 'bastide_session=anything' })).status, 403)
  const begun = await fetch(new URL('/v1/session', program.url), {
    method: 'POST',
    body: JSON.stringify({ key: key.key }),
  })
  const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!
  assert.deepEqual(((await begun.json()) as { workspaces: unknown }).workspaces, [])
  assert.equal((await move({ cookie })).status, 403)
  assert.equal((await move({ ...bearer, cookie })).status, 403)
})

test('a successor has the limits of the key it takes over from, and what is used of them', async () => {
  const old = await made('/v1/keys', { name: 'old', role: 'member' })
  await made('/v1/limits', {
    subject_kind: 'key',
    subject_id: old.id,
    metric: 'requests',
    window: 'total',
    amount: 1,
  })
  const call = (key: string) =>
    ask(
      'POST',
      '/v1/chat/completions',
      { model: 'tiny', messages: [{ role: 'user', content: 'a' }], max_tokens: 1 },
      key,
    )
  assert.equal((await call(old.key)).status, 200)
  const next = await made(`/v1/keys/${old.id}/rotate`, {})
  const refused = await call(next.key)
  assert.equal(refused.status, 429, refused.text)
})

test('who may make workspaces and no more makes a key that can do no more in them', async () => {
  const narrow = await made('/v1/keys', {
    name: 'maker',
    role: 'owner',
    scopes: ['workspaces:write', 'overview:read'],
    allowed_models: ['tiny'],
  })
  const workspace = await made('/v1/workspaces', { name: 'made narrowly' }, narrow.key)
  const { permissions } = (await ask('GET', '/v1/session', undefined, workspace.key)).body
  assert.deepEqual(permissions, ['overview:read'])
})

test('no key ends later than anybody will see', async () => {
  const late = { name: 'late', role: 'member', expires_at: new Date(8.64e15) }
  assert.equal((await ask('POST', '/v1/keys', late)).status, 400)
})

test('a manifest that would slow every list of models is refused', async () => {
  const manifest = {
    format: 'bastide-package-1',
    name: 'large',
    version: '1',
    engine: 'remote',
    task: 'generate',
    files: [],
    card: {},
    settings: { baseUrl: 'http://127.0.0.1:9/v1', upstreamModel: 'x', more: 'x'.repeat(300_000) },
  }
  assert.equal((await ask('POST', '/v1/packages', { manifest })).status, 413)
})

describe('client sessions', () => {
  const begin = (key?: string, fields: object = {}) =>
    ask('POST', '/v1/client/sessions', { purpose: 'realtime', model: 'tiny', ...fields }, key)
  const secretOf = async (key?: string): Promise<string> => {
    const { status, body, text } = await begin(key)
    assert.equal(status, 201, text)
    return body.client_secret.value
  }
  const call = (key: string, model = 'tiny') =>
    ask(
      'POST',
      '/v1/chat/completions',
      { model, messages: [{ role: 'user', content: 'a' }], max_tokens: 1 },
      key,
    )

  test('nothing is open to one but what answers with its model', async () => {
    const secret = await secretOf()
    type Operation = { 'x-permission'?: string; 'x-client-sessions'?: boolean }
    const { paths } = (await ask('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, Operation>>
    }
    const open: string[] = []
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (!operation['x-permission']) continue
        if (operation['x-client-sessions']) {
          open.push(path)
          continue
        }
        const filled = path.replaceAll(/\{\w+\}/g, '0')
        const { status, text } = await ask(method.toUpperCase(), filled, undefined, secret)
        assert.equal(status, 403, `${method} ${path}: ${text}`)
      }
    }
    assert.deepEqual(open.sort(), [
      '/v1/chat/completions',
      '/v1/completions',
      '/v1/embeddings',
      '/v1/fim/completions',
    ])
    // A session of the console would act as the key, without what the client session lacks.
    assert.equal((await ask('POST', '/v1/session', { key: secret }, null)).status, 403)
  })

  test('one never may more than its key, and ends with it', async () => {
    const narrow = await made('/v1/keys', {
      name: 'narrow',
      role: 'member',
      allowed_models: ['tiny-embed'],
    })
    assert.equal((await begin(narrow.key)).status, 403)
    const limited = await made('/v1/keys', { name: 'limited', role: 'member' })
    await made('/v1/limits', {
      subject_kind: 'key',
      subject_id: limited.id,
      metric: 'requests',
      window: 'total',
      amount: 1,
    })
    const first = await secretOf(limited.key)
    assert.equal((await call(first)).status, 200)
    assert.equal((await call(await secretOf(limited.key))).status, 429, 'the limits are shared')
    const before = await secretOf(limited.key)
    await ask('DELETE', `/v1/keys/${limited.id}`)
    assert.equal((await call(before)).status, 401)

    const noUse = { name: 'files', role: 'member', scopes: ['client-sessions:create'] }
    const cannotCall = await made('/v1/keys', noUse)
    assert.equal((await call(await secretOf(cannotCall.key))).status, 403)
    const cannotMake = { name: 'calls', role: 'member', scopes: ['inference:use'] }
    assert.equal((await begin((await made('/v1/keys', cannotMake)).key)).status, 403)
  })

  test('it is in the audit log, not in the list of keys, and its secret in neither', async () => {
    const keys = (await ask('GET', '/v1/keys')).text
    const secret = await secretOf()
    assert.equal((await ask('GET', '/v1/keys')).text, keys)
    const { text } = await ask('GET', '/v1/audit?kind=client-session.*')
    assert.ok(text.includes('client-session.create'))
    assert.ok(!text.includes(secret))
  })

  test('what is wrong is refused', async () => {
    for (const fields of [
      { purpose: 'batch' },
      { model: '' },
      { ttl_seconds: 0 },
      { ttl_seconds: 86_400 },
      { ttl_seconds: 1.5 },
      { scopes: ['keys:write'] },
    ]) {
      assert.equal((await begin(undefined, fields)).status, 400, JSON.stringify(fields))
    }
    assert.equal((await begin(undefined, { model: 'nope' })).status, 404)
    assert.equal((await call('rt_wrong')).status, 401)
  })
})
