/**
 * Every list of the API, found in its own document: in pages, in both orders, forwards and backwards, it has
 * the rows that it has at once. A list that takes no page, and one that has no rows here, fails the test.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, test } from 'node:test'
import { apiClient, fileForm } from './api-client.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

interface Operation {
  parameters: { name: string }[]
  responses: Record<string, { content?: object }>
}

let program: RunningProgram
/** Addresses of all lists, ids filled in. */
let lists: string[]

const { ask, made, changed } = apiClient(() => program)

/** Sums and the dialect that counts its pages are no lists to go through. */
const noLists = ['/v1/usage', '/v1/batch/jobs']
/** What a sound installation has none of, and what is made in the background. */
const mayBeEmpty = ['/v1/quarantine', '/v1/audit/anchors']

/** Its `before` is older than this and means what `after` means elsewhere. */
const forwardsOnly = '/v1/usage/entries'

/** Deliveries are tried again and again, and what is refused is written down. */
let quietSince: string

const ownIds = new Map<string, string>()
const threeTimes = async (make: (index: number) => Promise<unknown>) => {
  for (const index of [0, 1, 2]) await make(index)
}

async function fillAccess(): Promise<void> {
  await threeTimes((index) => made('/v1/keys', { name: `key ${index}` }))
  await threeTimes((index) => made('/v1/members', { name: `member ${index}` }))
  await threeTimes(async (index) => {
    const { id } = await made('/v1/workspaces', { name: `erased ${index}` })
    await made(`/v1/workspaces/${id}/erase`, { confirm: `erased ${index}` })
    await made('/v1/workspaces', { name: `workspace ${index}` })
  })
  await threeTimes((index) =>
    made('/v1/limits', { metric: 'tokens', window: 'day', amount: 1e9 + index }),
  )
  await threeTimes(() => made('/v1/session', { key: program.key }))
  await threeTimes((index) =>
    made('/v1/identity-providers', {
      name: `provider ${index}`,
      issuer: `https://login-${index}.example`,
      client_id: 'bastide',
      client_secret: 'a secret of some length',
    }),
  )
  await threeTimes((index) =>
    changed('PUT', '/v1/group-roles', { group: `group ${index}`, role: 'member' }),
  )
  for (const kind of ['files', 'documents', 'batches']) {
    await changed('PUT', '/v1/retention', { kind, days: 30 })
  }
}

async function fillOperations(): Promise<void> {
  await threeTimes((index) =>
    made('/v1/egress/rules', { host: '127.0.0.1', port: 9 + index, allow_private: true }),
  )
  const hook = (port: number) => ({ url: `http://127.0.0.1:${port}/`, events: ['batch.finished'] })
  await threeTimes((index) => made('/v1/webhooks', hook(9 + index)))
  const { id } = await made('/v1/webhooks', hook(8))
  ownIds.set('/v1/webhooks/{id}/deliveries', id)
  await threeTimes(() => made(`/v1/webhooks/${id}/test`, {}))
  await threeTimes((index) => made('/v1/model-imports', { source: `hf:nobody/model-${index}` }))
  await threeTimes((index) => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const text = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    return made('/v1/signers', { name: `signer ${index}`, public_key: text })
  })
  const packages = (await ask('GET', '/v1/packages')).body.data
  ownIds.set('/v1/aliases/{name}/history', 'moving')
  for (const { hash } of packages) await changed('PUT', '/v1/aliases/moving', { package: hash })
}

async function fillWork(): Promise<void> {
  const messages = [{ role: 'user', content: 'a' }]
  const body = { model: 'tiny', messages, max_tokens: 1 }
  await threeTimes(() => made('/v1/chat/completions', body))
  await threeTimes(async (index) => {
    const line = JSON.stringify({ custom_id: 'a', body })
    const file = await made('/v1/files', fileForm(`lines-${index}.jsonl`, line))
    await made('/v1/batches', { input_file_id: file.id, endpoint: '/v1/chat/completions' })
    await made('/v1/documents', fileForm(`document-${index}.txt`, 'no picture'))
  })
  const input = ['a', 'b', 'c'].map((content) => ({ role: 'user', content }))
  const answer = await made('/v1/responses', { model: 'tiny', input, max_output_tokens: 1 })
  ownIds.set('/v1/responses/{id}/input_items', answer.id)
}

/** Nothing may change between two pages for another reason than the test. */
async function untilQuiet(): Promise<void> {
  const isOver = ({ status }: { status: string }) =>
    !['queued', 'running', 'validating', 'in_progress', 'uploaded', 'reading'].includes(status)
  for (let turn = 0; turn < 300; turn++) {
    const places = ['/v1/batches', '/v1/documents', '/v1/model-imports']
    const rows = (await Promise.all(places.map((path) => ask('GET', path)))).flatMap(
      ({ body }) => body.data,
    )
    if (rows.every(isOver)) return
    await new Promise((resume) => setTimeout(resume, 100))
  }
  throw new Error('the work did not end')
}

before(async () => {
  program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
  await importTinyModels(program)
  await fillAccess()
  await fillOperations()
  await fillWork()
  for (const { id } of (await ask('GET', '/v1/model-imports')).body.data) {
    await ask('POST', `/v1/model-imports/${id}/cancel`)
  }
  await untilQuiet()
  quietSince = new Date().toISOString()
  const { paths } = (await ask('GET', '/openapi.json')).body as {
    paths: Record<string, { get?: Operation }>
  }
  lists = []
  for (const [path, { get }] of Object.entries(paths)) {
    if (!get || noLists.includes(path) || path.startsWith('/scim')) continue
    const { content = {} } = get.responses['200'] ?? {}
    if (Object.keys(content).join() !== 'application/json') continue
    const filled = path.replace(/\{\w+\}/, ownIds.get(path) ?? '0')
    const { body } = await ask('GET', filled)
    const names = get.parameters.map(({ name }) => name)
    const isList = body?.object === 'list' && Array.isArray(body.data)
    assert.equal(names.includes('after'), isList, `${path} is a list that takes no page`)
    if (isList) lists.push(filled)
  }
})
after(() => program?.[Symbol.asyncDispose]())

/** What a row is, without what may change of it. */
function identity(row: Record<string, unknown>): string {
  const names = ['id', 'seq', 'hash', 'fingerprint', 'name', 'group', 'workspace', 'kind', 'at']
  const more = ['host', 'port', 'outcome', 'statement']
  return JSON.stringify([...names, ...more].map((name) => row[name]))
}

async function page(path: string, query: Record<string, string | number>) {
  const all = Object.entries({ ...query, ...(path === '/v1/audit' && { to: quietSince }) })
  const words = new URLSearchParams(all.map(([name, value]) => [name, `${value}`]))
  const { status, body, text } = await ask('GET', `${path}?${words}`)
  assert.equal(status, 200, `${path}?${words}: ${text}`)
  assert.equal(body.next, body.has_more ? body.last_id : null, path)
  return { ...body, rows: body.data.map(identity) as string[] }
}

async function walk(path: string, limit: number, order: string) {
  const [rows, places]: [string[], string[]] = [[], []]
  for (let next: string | null = ''; next !== null; ) {
    const found = await page(path, { limit, order, ...(next && { after: next }) })
    assert.ok(found.rows.length <= limit, path)
    rows.push(...found.rows)
    if (found.last_id) places.push(found.last_id)
    next = found.next
  }
  return { rows, places }
}

test('the lists of the API are known, and have rows', async () => {
  assert.ok(lists.length >= 24, lists.join(' '))
  for (const path of lists) {
    if (mayBeEmpty.includes(path)) continue
    const { rows } = await page(path, { limit: 1000 })
    assert.ok(rows.length >= 2, `${path} has ${rows.length} rows: give it some here`)
    assert.equal(new Set(rows).size, rows.length, `${path}: rows that cannot be told apart`)
  }
})

test('pages have the rows that the whole list has, in both orders and backwards', async () => {
  for (const path of lists) {
    const asc = (await page(path, { limit: 1000, order: 'asc' })).rows
    const desc = (await page(path, { limit: 1000, order: 'desc' })).rows
    assert.deepEqual(desc, asc.toReversed(), `${path} backwards`)
    const usual = (await page(path, { limit: 1000 })).rows
    assert.ok(
      [asc, desc].some((rows) => rows.join() === usual.join()),
      `${path}: its usual order`,
    )
    for (const [order, whole] of Object.entries({ asc, desc })) {
      const one = await walk(path, 1, order)
      assert.deepEqual(one.rows, whole, `${path} ${order}, one by one`)
      assert.deepEqual((await walk(path, 2, order)).rows, whole, `${path} ${order}, in twos`)
      if (path === forwardsOnly) continue
      for (const [index, place] of one.places.entries()) {
        const found = await page(path, { limit: 2, order, before: place })
        assert.deepEqual(found.rows, whole.slice(Math.max(0, index - 2), index), `${path} ${place}`)
        assert.equal(found.has_more, index > 2, `${path}: more before ${index}`)
      }
    }
  }
})

test('a place that is none, and other nonsense, is refused', async () => {
  const places = ['nonsense!', "' or 1=1 --", 'x'.repeat(400), 'zzz_00000000000000000000000000', '']
  const wrong = [
    ...places.flatMap((place) => [{ after: place }, { before: place }]),
    ...['0', '-1', '1001', '1.5', 'many'].map((limit) => ({ limit })),
    { order: 'sideways' },
  ]
  for (const path of lists) {
    for (const query of wrong) {
      const words = new URLSearchParams(query as Record<string, string>)
      const { status, body } = await ask('GET', `${path}?${words}`)
      assert.equal(status, 400, `${path}?${words}`)
      assert.equal(body.code, 'invalid_request')
    }
    const { last_id: last } = await page(path, { limit: 1 })
    if (last === null || path === forwardsOnly) continue
    const both = `after=${encodeURIComponent(last)}&before=${encodeURIComponent(last)}`
    assert.equal((await ask('GET', `${path}?${both}`)).status, 400, path)
  }
})

test('rows that come and go meanwhile make no other row appear twice or not at all', async () => {
  const whole = (await page('/v1/files', { limit: 1000 })).data as { id: string }[]
  const seen: string[] = []
  for (let next: string | null = ''; next !== null; ) {
    const found = await page('/v1/files', { limit: 1, ...(next && { after: next }) })
    seen.push(...found.data.map(({ id }: { id: string }) => id))
    next = found.next
    const { id } = await made('/v1/files', fileForm('between.txt', 'x'))
    // Also the very place goes.
    if (seen.length === 2) await ask('DELETE', `/v1/files/${seen[1]}`)
    else if (seen.length === 3) await ask('DELETE', `/v1/files/${id}`)
  }
  assert.deepEqual(
    seen,
    whole.map(({ id }) => id),
  )
})
