/** Two administrators change one thing at once: what stands is one's or the other's, and all is told. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { apiClient } from './api-client.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
const { ask, changed } = apiClient(() => program)

before(async () => {
  program = await startProgram()
  await importTinyModels(program)
})
after(async () => {
  await program?.[Symbol.asyncDispose]()
})

type Answer = Awaited<ReturnType<typeof ask>>
const statuses = (answers: Answer[]) => answers.map(({ status }) => status).sort()
const twice = (method: string, path: string, body?: object) =>
  Promise.all([ask(method, path, body), ask(method, path, body)])

async function packageHashes(): Promise<[string, string, string]> {
  const { data } = await changed('GET', '/v1/packages')
  const hashes = (data as { hash: string }[]).map(({ hash }) => hash)
  assert.ok(hashes.length >= 3, 'three packages to choose from')
  return hashes.slice(0, 3) as [string, string, string]
}

async function aliasState(name: string) {
  const { data } = await changed('GET', `/v1/aliases/${name}/history`)
  const aliases = (await changed('GET', '/v1/aliases')).data as { name: string; package: string }[]
  const moves = data as { package: string; action: string }[]
  return { moves, present: aliases.find((one) => one.name === name)?.package }
}

test('an alias that both move points where the last move in its history says', async () => {
  const [one, two, three] = await packageHashes()
  await changed('PUT', '/v1/aliases/contested', { package: one })
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([
      ask('PUT', '/v1/aliases/contested', { package: two }),
      ask('PUT', '/v1/aliases/contested', { package: three }),
    ])
    assert.deepEqual(statuses(answers), [200, 200])
    const { moves, present } = await aliasState('contested')
    assert.equal(present, moves[0]!.package)
  }
})

test('who moves an alias by what they saw does not undo what another did meanwhile', async () => {
  const [one, two, three] = await packageHashes()
  await changed('PUT', '/v1/aliases/seen', { package: one })
  const answers = await Promise.all([
    ask('PUT', '/v1/aliases/seen', { package: two, from: one }),
    ask('PUT', '/v1/aliases/seen', { package: three, from: one }),
  ])
  assert.deepEqual(statuses(answers), [200, 409])
  const refused = answers.find(({ status }) => status === 409)!
  assert.match(refused.body.error.message, /moved the alias "seen" meanwhile/)
})

test('a rollback that both ask for goes one step back, not two', async () => {
  const [one, two, three] = await packageHashes()
  for (const hash of [one, two, three]) await changed('PUT', '/v1/aliases/back', { package: hash })
  const answers = await twice('POST', `/v1/aliases/back/rollback?from=${three}`)
  assert.deepEqual(statuses(answers), [200, 409])
  assert.equal((await aliasState('back')).present, two)
  // Without what was seen each goes a step back, and the history says so.
  await changed('PUT', '/v1/aliases/back', { package: three })
  assert.deepEqual(statuses(await twice('POST', '/v1/aliases/back/rollback')), [200, 200])
  const { present, moves } = await aliasState('back')
  assert.equal(present, one)
  assert.deepEqual(
    moves.slice(0, 2).map((move) => move.package),
    [one, two],
  )
})

test('a key that both rotate has one successor; one that both revoke is revoked', async () => {
  const made = await changed('POST', '/v1/keys', { name: 'turned' })
  const answers = await twice('POST', `/v1/keys/${made.id}/rotate`, { overlap_hours: 1 })
  assert.deepEqual(statuses(answers), [201, 409])
  assert.deepEqual(statuses(await twice('DELETE', `/v1/keys/${made.id}`)), [200, 200])
})

test('two owners who remove each other at once leave one', async () => {
  const owners = await Promise.all(
    ['Ada', 'Bo'].map((name) => changed('POST', '/v1/members', { name, role: 'owner' })),
  )
  const keys = await Promise.all(
    owners.map(({ id }) =>
      changed('POST', '/v1/keys', { name: 'theirs', role: 'owner', member: id }),
    ),
  )
  const first = (await changed('GET', '/v1/keys')).data.find(
    (one: { name: string }) => one.name === 'first owner key',
  )
  // Somebody owns the organisation without it.
  assert.equal((await ask('DELETE', `/v1/keys/${first.id}`, undefined, keys[0].key)).status, 200)
  const remove = (by: number, whom: number) =>
    ask('DELETE', `/v1/members/${owners[whom].id}`, undefined, keys[by].key)
  const answers = await Promise.all([remove(0, 1), remove(1, 0)])
  const gone = answers.filter(({ status }) => status === 204).length
  assert.equal(gone, 1, JSON.stringify(answers))
  const left = answers[0]!.status === 204 ? 0 : 1
  const demoted = await ask(
    'PATCH',
    `/v1/members/${owners[left].id}`,
    { role: 'member' },
    keys[left].key,
  )
  assert.equal(demoted.status, 409)
  assert.match(demoted.body.error.message, /last owner/)
  const suspended = { state: 'suspended' }
  const itself = await ask('PATCH', `/v1/members/${owners[left].id}`, suspended, keys[left].key)
  assert.equal(itself.status, 409)
})
