/** A key is never more than it was made: not by another's name, another workspace, or a successor. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
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
