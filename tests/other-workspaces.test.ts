/**
 * Every route x every id x whoever is not its owner, generated from the program's own API document: an owner
 * of another workspace, keys that were revoked, expired or suspended, nobody. A route with an id that is not
 * named here fails the test, so that none is forgotten.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { organisationWide, type Permission } from '../src/access/permissions.ts'
import { apiClient, fileForm } from './api-client.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

interface Operation {
  method: string
  path: string
  permission: Permission | undefined
}

/** Words that stand in names and contents of the home workspace and nowhere else. */
const canary = 'marzipan-7153'

let program: RunningProgram
let operations: Operation[]
let stranger: string
/** Path up to the id -> id of an object of the home workspace. */
const objects = new Map<string, string>()

/** The organisation's own, for all its workspaces: models and what names them. */
const shared = [
  '/v1/specialists/',
  '/v1/models/',
  '/v1/packages/',
  '/v1/aliases/',
  '/v1/quarantine/',
]

const { ask, made } = apiClient(() => program)

before(async () => {
  program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
  await importTinyModels(program)
  const { text } = await ask('GET', '/openapi.json')
  type Document = { paths: Record<string, Record<string, { 'x-permission'?: Permission }>> }
  operations = Object.entries((JSON.parse(text) as Document).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      permission: operation['x-permission'],
    })),
  )
  stranger = (await made<{ key: string }>('/v1/workspaces', { name: 'other' })).key

  const messages = [{ role: 'user', content: canary }]
  const line = { custom_id: canary, body: { model: 'tiny', messages, max_tokens: 1 } }
  const file = await made('/v1/files', fileForm(`${canary}.jsonl`, JSON.stringify(line)))
  const batch = await made('/v1/batches', {
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    metadata: { canary },
  })
  const document = await made('/v1/documents', fileForm(`${canary}.txt`, 'no picture'))
  const member = await made('/v1/members', { name: canary, email: `${canary}@house.example` })
  const key = await made('/v1/keys', { name: canary, member: member.id, role: 'member' })
  const limit = await made('/v1/limits', { metric: 'tokens', window: 'day', amount: 1e9 })
  const hook = { url: 'http://127.0.0.1:9/', events: ['batch.finished'] }
  const webhook = await made('/v1/webhooks', hook)
  const modelImport = await made('/v1/model-imports', { source: `hf:${canary}/model` })
  const upload = await made('/v1/uploads', {
    filename: `${canary}.txt`,
    bytes: 1,
    mime_type: 'text/plain',
    purpose: 'user_data',
  })
  const response = await made('/v1/responses', {
    model: 'tiny',
    input: canary,
    max_output_tokens: 1,
  })
  await made('/v1/session', { key: program.key })
  const sessions = JSON.parse((await ask('GET', '/v1/sessions')).text).data
  for (const [path, id] of [
    ['/v1/files/', file.id],
    ['/v1/batches/', batch.id],
    ['/v1/batch/jobs/', batch.id],
    ['/v1/documents/', document.id],
    ['/v1/members/', member.id],
    ['/v1/keys/', key.id],
    ['/v1/limits/', limit.id],
    ['/v1/webhooks/', webhook.id],
    ['/v1/model-imports/', modelImport.id],
    ['/v1/responses/', response.id],
    ['/v1/uploads/', upload.id],
    ['/v1/sessions/', sessions[0].id],
  ] as const) {
    objects.set(path, id)
  }
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
})

/** Guarded routes with an id of a workspace's own, filled with the home workspace's. */
function withIds(): { method: string; path: string; what: string }[] {
  return operations.flatMap(({ method, path, permission }) => {
    if (!path.includes('{') || !permission || organisationWide.has(permission)) return []
    if (shared.some((place) => path.startsWith(place))) return []
    const place = path.slice(0, path.indexOf('{'))
    const id = objects.get(place)
    assert.ok(id, `${method} ${path}: say here whose ids it takes`)
    const filled = path.replace(/\{\w+\}/, id).replace(/\{index\}/, '0')
    return [{ method, path: filled, what: `${method} ${path}` }]
  })
}

/** A body that is well formed, so that it is the id that is refused. */
function bodyFor(method: string, path = ''): object | undefined {
  if (path.endsWith('/complete')) return { part_ids: ['part_1'] }
  return ['POST', 'PATCH', 'PUT'].includes(method) ? {} : undefined
}

async function assertUntouched(): Promise<void> {
  for (const [place, id] of objects) {
    const listed = [
      '/v1/members/',
      '/v1/keys/',
      '/v1/limits/',
      '/v1/sessions/',
      '/v1/webhooks/',
    ].includes(place)
    const { status, text } = await ask('GET', listed ? place.slice(0, -1) : `${place}${id}`)
    assert.equal(status, 200, `${place}: ${text}`)
    assert.ok(text.includes(id), `${place}${id} is gone`)
  }
}

test('an owner of another workspace finds none of the ids, and changes nothing', async () => {
  const routes = withIds()
  assert.ok(routes.length > 15, String(routes.length))
  for (const { method, path, what } of routes) {
    const { status, text } = await ask(method, path, bodyFor(method, path), stranger)
    assert.equal(status, 404, `${what}: ${text}`)
    assert.ok(!text.includes(canary), what)
  }
  await assertUntouched()
})

test('nor by ids within bodies', async () => {
  const id = (place: string) => objects.get(place)!
  const nested: [path: string, body: unknown][] = [
    ['/v1/ocr', { document: { type: 'file', file_id: id('/v1/files/') } }],
    ['/v1/batches', { input_file_id: id('/v1/files/'), endpoint: '/v1/embeddings' }],
    [
      '/v1/batch/jobs',
      { input_files: [id('/v1/files/')], endpoint: '/v1/embeddings', model: 'tiny' },
    ],
    ['/v1/keys', { name: 'x', member: id('/v1/members/') }],
    ...(['key', 'member'] as const).map((kind): [string, unknown] => [
      '/v1/limits',
      {
        subject_kind: kind,
        subject_id: id(`/v1/${kind}s/`),
        metric: 'requests',
        window: 'day',
        amount: 0,
      },
    ]),
  ]
  for (const [path, body] of nested) {
    const { status, text } = await ask('POST', path, body, stranger)
    assert.equal(status, 404, `${path}: ${text}`)
  }
})

test('no list or sum shows anything of another workspace', async () => {
  for (const { method, path, permission } of operations) {
    if (method !== 'GET' || path.includes('{') || !permission) continue
    const { status, text } = await ask('GET', path, undefined, stranger)
    if (organisationWide.has(permission)) {
      assert.equal(status, 403, path)
      continue
    }
    assert.ok(status < 300, `${path}: ${status} ${text}`)
    assert.ok(!text.includes(canary), `${path} tells of it`)
    for (const id of objects.values()) assert.ok(!text.includes(id), `${path} names ${id}`)
  }
})

test('the whole organisation’s usage is summed for its home workspace alone', async () => {
  const path = '/v1/usage?across=organisation&group_by=workspace'
  const refused = await ask('GET', path, undefined, stranger)
  assert.equal(refused.status, 403)
  const { body, status } = await ask('GET', path)
  assert.equal(status, 200)
  const own = await ask('GET', '/v1/usage')
  assert.ok(body.total.requests >= own.body.total.requests)
  const member = await ask('POST', '/v1/keys', { name: 'a member', role: 'member' })
  assert.equal((await ask('GET', path, undefined, member.body.key)).status, 403)
})

test('what concerns the whole organisation is decided in its home workspace alone', async () => {
  const wide = operations.filter(({ permission }) => permission && organisationWide.has(permission))
  assert.ok(wide.length > 20)
  for (const { method, path } of wide) {
    const filled = path.replaceAll(/\{\w+\}/g, '0')
    const { status } = await ask(method, filled, bodyFor(method), stranger)
    assert.equal(status, 403, `${method} ${path}`)
  }
  // Its owner still runs the workspace: people, keys, limits, models.
  const owner = await made<{ key: string }>('/v1/keys', { name: 'second', role: 'owner' }, stranger)
  await made('/v1/members', { name: 'Somebody', role: 'owner' }, owner.key)
  await made('/v1/limits', { metric: 'tokens', window: 'day', amount: 5 }, owner.key)
})

test('somebody who works elsewhere too is removed from here, never shut out of everywhere', async () => {
  const scope = JSON.parse((await ask('GET', '/v1/session', undefined, stranger)).text)
  const group = { group: 'both', role: 'member' }
  await ask('PUT', '/v1/group-roles', group)
  const there = { ...group, workspace: scope.workspace.id }
  await ask('PUT', '/v1/group-roles', there)
  const directory = { name: 'scim', role: 'owner', scopes: ['directory:provision'] }
  const scim = (await made<{ key: string }>('/v1/keys', directory)).key
  const { id } = await made('/scim/v2/Users', { userName: 'both@house.example' }, scim)
  await made('/scim/v2/Groups', { displayName: 'both', members: [{ value: id }] }, scim)
  const suspend = { state: 'suspended' }
  assert.equal((await ask('PATCH', `/v1/members/${id}`, suspend, stranger)).status, 403)
  assert.equal((await ask('DELETE', `/v1/members/${id}`, undefined, stranger)).status, 409)
  await ask('PUT', '/v1/group-roles', { ...there, role: null })
  assert.equal((await ask('PATCH', `/v1/members/${id}`, suspend, stranger)).status, 404)
  assert.equal((await ask('PATCH', `/v1/members/${id}`, suspend)).status, 200)
})

test('revoked, expired and suspended keys, and nobody, get nothing with any id', async () => {
  const revoked = await made<{ id: string; key: string }>('/v1/keys', { name: 'r', role: 'owner' })
  await ask('DELETE', `/v1/keys/${revoked.id}`)
  const expired = await made<{ key: string }>('/v1/keys', {
    name: 'e',
    role: 'owner',
    expires_at: new Date(Date.now() + 300),
  })
  const member = await made('/v1/members', { name: 'Suspended', role: 'owner' })
  const suspended = await made<{ key: string }>('/v1/keys', {
    name: 's',
    role: 'owner',
    member: member.id,
  })
  await ask('PATCH', `/v1/members/${member.id}`, { state: 'suspended' })
  await new Promise((resume) => setTimeout(resume, 400))
  for (const { method, path, what } of withIds()) {
    for (const key of [revoked.key, expired.key, suspended.key, null]) {
      const { status } = await ask(method, path, bodyFor(method), key)
      assert.equal(status, 401, what)
    }
  }
  await assertUntouched()
})
