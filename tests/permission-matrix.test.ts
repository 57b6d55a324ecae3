/**
 * Every route of the running program x every kind of credential, generated from its own OpenAPI
 * document: what the permission table forbids is refused, before the body is looked at.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Permission, rolePermissions, roles } from '../src/access/permissions.ts'
import { type RunningProgram, startProgram } from './running-program.ts'

interface Operation {
  method: string
  path: string
  permission: string | undefined
}

let program: RunningProgram
let operations: Operation[]
const keys = new Map<string, string>()

async function send(operation: Operation, headers: Record<string, string>) {
  const path = operation.path.replace(/\{\w+\}/g, '0')
  const response = await fetch(new URL(path, program.url), { method: operation.method, headers })
  await response.body?.cancel()
  return response.status
}

async function makeKey(body: object): Promise<{ id: string; key: string }> {
  const response = await fetch(new URL('/v1/keys', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program.key}` },
    body: JSON.stringify(body),
  })
  assert.equal(response.status, 201)
  return (await response.json()) as { id: string; key: string }
}

before(async () => {
  program = await startProgram()
  const response = await fetch(new URL('/openapi.json', program.url))
  type Document = { paths: Record<string, Record<string, { 'x-permission'?: string }>> }
  const { paths } = (await response.json()) as Document
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      permission: operation['x-permission'],
    })),
  )
  for (const role of roles) keys.set(role, (await makeKey({ name: role, role })).key)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
})

test('only health, sign-in and signed links are public', () => {
  const open = operations.filter((one) => one.permission === undefined).map((one) => one.path)
  assert.deepEqual(open.sort(), [
    '/health',
    '/v1/files/{id}/linked',
    '/v1/session',
    '/v1/sign-in',
    '/v1/sign-in/begin/{id}',
    '/v1/sign-in/callback',
  ])
})

test('without a good credential nothing opens', async () => {
  const revoked = await makeKey({ name: 'revoked' })
  await fetch(new URL(`/v1/keys/${revoked.id}`, program.url), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${program.key}` },
  })
  const credentials: Record<string, string>[] = [
    {},
    { authorization: 'Bearer bst_wrong' },
    { authorization: `Bearer ${revoked.key}` },
    { authorization: `Basic ${program.key}` },
    { 'x-api-key': revoked.key },
    { cookie: 'bastide_session=wrong' },
    { cookie: `bastide_session=${program.key}` },
  ]
  for (const operation of operations.filter((one) => one.permission !== undefined)) {
    for (const headers of credentials) {
      const status = await send(operation, headers)
      const what = `${operation.method} ${operation.path} with ${JSON.stringify(headers)}`
      // A foreign cookie is refused for its origin before it is looked at.
      assert.ok(status === 401 || (headers.cookie && status === 403), `${what}: ${status}`)
    }
  }
})

test('each role is refused exactly what the table forbids', async () => {
  for (const role of roles) {
    for (const operation of operations) {
      const { permission } = operation
      if (!permission || permission === 'signed-in') continue
      if (rolePermissions[role].has(permission as Permission)) continue
      const status = await send(operation, { authorization: `Bearer ${keys.get(role)}` })
      assert.equal(status, 403, `${role}: ${operation.method} ${operation.path}`)
    }
  }
})

test('a key whose scopes are narrow can do only those', async () => {
  const { key } = await makeKey({ name: 'narrow', role: 'admin', scopes: ['usage:read'] })
  for (const operation of operations) {
    const { permission } = operation
    if (!permission || permission === 'signed-in' || permission === 'usage:read') continue
    const status = await send(operation, { authorization: `Bearer ${key}` })
    assert.equal(status, 403, `${operation.method} ${operation.path}`)
  }
  assert.equal(
    await send({ method: 'GET', path: '/v1/usage', permission: '' }, { 'x-api-key': key }),
    200,
  )
})

test("another workspace's rows are not found", async () => {
  const made = await fetch(new URL('/v1/workspaces', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program.key}` },
    body: JSON.stringify({ name: 'other' }),
  })
  const other = (await made.json()) as { key: string }
  const form = new FormData()
  form.set('file', new File(['secret'], 'secret.txt'))
  form.set('purpose', 'batch')
  const upload = await fetch(new URL('/v1/files', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program.key}` },
    body: form,
  })
  const file = (await upload.json()) as { id: string }
  const { id } = await makeKey({ name: 'mine' })
  const foreign: [method: string, path: string, body?: object][] = [
    ['GET', `/v1/files/${file.id}`],
    ['GET', `/v1/files/${file.id}/content`],
    ['DELETE', `/v1/files/${file.id}`],
    ['DELETE', `/v1/keys/${id}`],
    ['POST', '/v1/ocr', { document: { type: 'file', file_id: file.id } }],
    ['POST', '/v1/batches', { input_file_id: file.id, endpoint: '/v1/embeddings' }],
    [
      'POST',
      '/v1/limits',
      { subject_kind: 'key', subject_id: id, metric: 'requests', window: 'day', amount: 1 },
    ],
  ]
  for (const [method, path, body] of foreign) {
    const response = await fetch(new URL(path, program.url), {
      method,
      headers: { authorization: `Bearer ${other.key}` },
      ...(body && { body: JSON.stringify(body) }),
    })
    assert.equal(response.status, 404, `${method} ${path}: ${await response.text()}`)
  }
})

test('a signed link opens its one file, in time, while its key is valid', async () => {
  const { id: keyId, key } = await makeKey({ name: 'linking' })
  const form = new FormData()
  form.set('file', new File(['linked bytes'], 'a.txt'))
  const upload = await fetch(new URL('/v1/files', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  })
  const file = (await upload.json()) as { id: string }
  const made = await fetch(new URL(`/v1/files/${file.id}/url`, program.url), {
    headers: { authorization: `Bearer ${key}` },
  })
  const { url } = (await made.json()) as { url: string }
  assert.equal(await (await fetch(url)).text(), 'linked bytes')
  const forgeries = [
    url.replace(/expires=\d+/, (part) => `expires=${Number(part.slice(8)) + 1}`),
    url.replace(/expires=\d+/, 'expires=1'),
    url.replace(/signature=./, (part) => `signature=${part.endsWith('A') ? 'B' : 'A'}`),
    url.replace(/signature=[^&]+/, 'signature='),
    url.replace(/key=[^&]+/, 'key=key_unknown'),
    url.replace(file.id, `${file.id.slice(0, -1)}${file.id.endsWith('0') ? '1' : '0'}`),
  ]
  for (const forged of forgeries) assert.equal((await fetch(forged)).status, 403, forged)
  await fetch(new URL(`/v1/keys/${keyId}`, program.url), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${program.key}` },
  })
  assert.equal((await fetch(url)).status, 403)
})

test('a Host that is not ours is refused, whatever its form', async () => {
  const { request } = await import('node:http')
  const { port } = new URL(program.url)
  for (const host of [
    'evil.example',
    'localhost?x',
    'localhost#x',
    'a@localhost',
    'localhost:1:2',
  ]) {
    const status = await new Promise<number>((resolve, reject) => {
      request(
        { port, path: '/v1/keys', headers: { host, authorization: `Bearer ${program.key}` } },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        },
      )
        .on('error', reject)
        .end()
    })
    assert.ok(status === 403 || status === 400, `Host "${host}": ${status}`)
  }
})
