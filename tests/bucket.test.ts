/**
 * An installation whose blobs lie in a bucket: files come and go, a store that is away loses nothing
 * and says so, a backup carries what the bucket holds to a folder and back into another bucket.
 */
import assert from 'node:assert/strict'
import { globSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startObjectStore } from './object-store.ts'
import { newDataFolder, type RunningProgram, runCommand, startProgram } from './running-program.ts'

type Store = Awaited<ReturnType<typeof startObjectStore>>
let store: Store
let program: RunningProgram
const folders: string[] = []

function folder(): string {
  folders.push(newDataFolder())
  return folders.at(-1)!
}

before(async () => {
  store = await startObjectStore()
  program = await startProgram({ folder: folder(), environment: store.settings })
})
after(async () => {
  await program[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
  for (const one of folders) rmSync(one, { recursive: true, force: true })
})

const secret = 'the account of a customer'

const ask = (to: RunningProgram, path: string, init: RequestInit = {}) =>
  fetch(new URL(path, to.url), { ...init, headers: { authorization: `Bearer ${to.key}` } })

async function upload(content: string): Promise<Response> {
  const form = new FormData()
  form.set('file', new File([content], 'one.txt'))
  form.set('purpose', 'user_data')
  return ask(program, '/v1/files', { method: 'POST', body: form })
}

const objectsOf = (one: Store) => globSync(join(one.folder, '**/*_object*'))

test('files lie in the bucket, sealed, and not on this machine', async () => {
  const large = secret.repeat(500_000)
  const { id } = (await (await upload(large)).json()) as { id: string }
  assert.equal(await (await ask(program, `/v1/files/${id}/content`)).text(), large)
  assert.ok(objectsOf(store).length > 0)
  for (const path of objectsOf(store)) {
    assert.ok(!readFileSync(path).includes(secret), 'the store sees no plain text')
  }
  const local = readdirSync(join(program.folder, 'blobs'), { recursive: true })
  assert.deepEqual(local, ['incoming'], 'nothing stays on this machine')
  const listed = (await (await ask(program, '/v1/egress/destinations')).json()) as {
    data: { port: number; purpose: string; outcome: string }[]
  }
  const seen = listed.data.find(({ port }) => port === store.port)
  assert.equal(seen?.purpose, 'blobs')
  assert.equal(seen?.outcome, 'allowed')
  await ask(program, `/v1/files/${id}`, { method: 'DELETE' })
  assert.deepEqual(objectsOf(store), [])
})

test('the place of the bucket opens no way for anything else', async () => {
  const answer = await ask(program, '/v1/ocr', {
    method: 'POST',
    body: JSON.stringify({
      model: 'bastide-read',
      document: { type: 'document_url', document_url: `${store.url}/any` },
    }),
  })
  assert.equal(answer.status, 403)
})

test('a backup carries them to a folder, and back into another bucket', async () => {
  const { id } = (await (await upload(secret)).json()) as { id: string }
  const file = join(folder(), 'one.backup')
  assert.equal((await program.command('backup', file)).code, 0)
  const masterKey = join(program.folder, 'master.key')
  const restored = async (settings: Record<string, string>) => {
    const target = folder()
    const args = ['restore', file, '--data', target, '--master-key', masterKey, '--json']
    const done = await runCommand(args, { ...process.env, DATABASE_URL: '', ...settings })
    assert.equal(done.code, 0, done.errors)
    return target
  }

  const environment = { DATABASE_URL: '' }
  await using inFolder = await startProgram({
    folder: await restored({}),
    key: program.key,
    environment,
  })
  assert.equal(await (await ask(inFolder, `/v1/files/${id}/content`)).text(), secret)

  await using other = await startObjectStore()
  await using inBucket = await startProgram({
    folder: await restored(other.settings),
    key: program.key,
    environment: { ...environment, ...other.settings },
  })
  assert.equal(await (await ask(inBucket, `/v1/files/${id}/content`)).text(), secret)
  assert.equal(objectsOf(other).length, objectsOf(store).length)
})

test('while the store is away, an upload is refused and leaves nothing; the rest goes on', async () => {
  const before = (await (await ask(program, '/v1/files')).json()) as { data: { id: string }[] }
  await store[Symbol.asyncDispose]()
  const refused = await upload('never kept')
  assert.equal(refused.status, 503)
  const { error } = (await refused.json()) as { error: { code: string; message: string } }
  assert.equal(error.code, 'unavailable')
  assert.match(error.message, /blob store/)
  const read = await ask(program, `/v1/files/${before.data[0]!.id}/content`)
  assert.equal(read.status, 503)
  const listed = (await (await ask(program, '/v1/files')).json()) as { data: unknown[] }
  assert.deepEqual(listed.data, before.data)
  const found = await program.command('doctor', '--json')
  const blobs = (JSON.parse(found.output) as { check: string; state: string }[]).find(
    ({ check }) => check === 'blob store',
  )
  assert.equal(blobs?.state, 'problem')
  store = await startObjectStore()
})
