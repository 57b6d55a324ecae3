/** Finding audit records by what was done, by whom, to what, how it ended and when. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { apiClient } from './api-client.ts'
import { type RunningProgram, startProgram } from './running-program.ts'

let program: RunningProgram
const { ask, made, changed } = apiClient(() => program)
let ada: { id: string }
let key: { id: string; key: string }

before(async () => {
  program = await startProgram()
  ada = await made('/v1/members', { name: 'Ada Lovelace' })
  key = await made('/v1/keys', { name: 'nightly %_*', role: 'admin' })
  await changed('PATCH', `/v1/members/${ada.id}`, { state: 'suspended' }, key.key)
  await changed('PATCH', `/v1/members/${ada.id}`, { state: 'active' }, key.key)
  // A call that ends badly is a record too.
  await ask('POST', '/v1/chat/completions', { model: 'none', messages: [] })
})

after(() => program?.[Symbol.asyncDispose]())

interface Row {
  seq: number
  at: string
  kind: string
  actor: { id: string }
  subject: { kind: string; id: string } | null
  outcome: string
}

async function find(filter: Record<string, string>): Promise<Row[]> {
  const { status, body, text } = await ask('GET', `/v1/audit?${new URLSearchParams(filter)}`)
  assert.equal(status, 200, text)
  return body.data
}

const kinds = (rows: Row[]) => rows.map(({ kind }) => kind)

test('by kind, and by all kinds of a thing', async () => {
  assert.deepEqual(kinds(await find({ kind: 'member.change' })), ['member.change', 'member.change'])
  const all = await find({ kind: 'member.*' })
  assert.deepEqual(kinds(all), ['member.change', 'member.change', 'member.add'])
  assert.deepEqual(await find({ kind: 'memb_r.*' }), [])
})

test('by who did it: id or name', async () => {
  const byId = await find({ actor: key.id })
  assert.deepEqual(kinds(byId), ['member.change', 'member.change'])
  assert.deepEqual(await find({ actor: 'nightly %_*' }), byId)
  assert.deepEqual(await find({ actor: 'nightly' }), [])
})

test('by what it was done to: id or kind', async () => {
  const byId = await find({ subject: ada.id })
  assert.deepEqual(kinds(byId), ['member.change', 'member.change', 'member.add'])
  assert.deepEqual(await find({ subject: 'member' }), byId)
})

test('by how it ended', async () => {
  const all = await find({})
  for (const outcome of ['ok', 'failed', 'refused']) {
    const wanted = all.filter((row) => row.outcome === outcome)
    assert.deepEqual(await find({ outcome }), wanted)
  }
  const { status } = await ask('GET', '/v1/audit?outcome=other')
  assert.equal(status, 400)
})

test('by when, from the first moment up to before the last', async () => {
  const all = await find({})
  const [from, to] = [all.at(-2)!.at, all[1]!.at]
  const within = all.filter(({ at }) => at >= from && at < to)
  assert.ok(within.length > 0)
  assert.deepEqual(await find({ from, to }), within)
})

test('all together, page by page', async () => {
  const filter = { kind: 'member.*', actor: 'nightly %_*', subject: ada.id, outcome: 'ok' }
  const [last, first] = await find(filter)
  const { body } = await ask('GET', `/v1/audit?${new URLSearchParams({ ...filter, limit: '1' })}`)
  assert.deepEqual([body.data[0].seq, body.next_before_seq], [last!.seq, last!.seq])
  const rest = await find({ ...filter, before_seq: String(last!.seq) })
  assert.deepEqual(
    rest.map(({ seq }) => seq),
    [first!.seq],
  )
})
