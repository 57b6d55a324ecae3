/** A workspace that is erased is gone: from the API, from disk, from the database; and that is certified. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import sharp from 'sharp'
import { createLog } from '../src/log.ts'
import { tablesInOrder } from '../src/store/backup/tables.ts'
import { openDatabase } from '../src/store/database.ts'
import { apiClient, fileForm } from './api-client.ts'
import {
  databaseUrlOf,
  newDataFolder,
  type RunningProgram,
  runCommand,
  startProgram,
} from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
const folder = newDataFolder()
/** Words that occur nowhere else, so that finding one means finding the workspace's data. */
const canary = 'xylophone-quartz-7391'

interface Workspace {
  id: string
  name: string
  key: string
}

const { ask, made } = apiClient(() => program)

async function until(path: string, state: string, key: string): Promise<void> {
  while ((await ask('GET', path, undefined, key)).body.status !== state) {
    await new Promise((resume) => setTimeout(resume, 100))
  }
}

/** Files, a batch with answers, a document: everything that keeps contents. */
async function fill({ key }: Workspace): Promise<{ file: string; document: string }> {
  const messages = [{ role: 'user', content: `tell me of ${canary}` }]
  const body = { model: 'tiny', messages, max_tokens: 2, metadata: { canary } }
  const line = { custom_id: canary, method: 'POST', url: '/v1/chat/completions', body }
  const file = await made(
    '/v1/files',
    fileForm(`${canary}.jsonl`, `${JSON.stringify(line)}\n`),
    key,
  )
  const batch = await made(
    '/v1/batches',
    { input_file_id: file.id, endpoint: '/v1/chat/completions', metadata: { canary } },
    key,
  )
  await until(`/v1/batches/${batch.id}`, 'completed', key)
  const upload = await made(
    '/v1/uploads',
    { filename: `${canary}.txt`, bytes: 100, mime_type: 'text/plain', purpose: 'user_data' },
    key,
  )
  await made(`/v1/uploads/${upload.id}/parts`, fileForm('part', canary), key)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="160">
    <rect width="100%" height="100%" fill="#fff"/>
    <text x="40" y="100" font-family="sans-serif" font-size="44">${canary}</text></svg>`
  const png = new Uint8Array(await sharp(Buffer.from(svg)).png().toBuffer())
  const document = await made('/v1/documents', fileForm(`${canary}.png`, png), key)
  await until(`/v1/documents/${document.id}`, 'done', key)
  return { file: file.id, document: document.id }
}

function blobFolders(): string[] {
  return readdirSync(join(folder, 'blobs')).filter((name) => name.startsWith('dk_'))
}

before(async () => {
  program = await startProgram({ folder })
  await importTinyModels(program)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

test('a workspace is erased, certified, and nothing of it can be read', async () => {
  const gone = (await made('/v1/workspaces', { name: canary }, program.key)) as Workspace
  const kept = (await made('/v1/workspaces', { name: 'kept' }, program.key)) as Workspace
  const its = await fill(gone)
  const others = await fill(kept)
  const before = blobFolders()
  await program.command('backup', join(folder, 'before.bastide'))

  const out = join(folder, 'certificate.json')
  const wrong = await program.command(
    ...['workspace', 'erase', gone.id, '--confirm', 'another name', '--out', out],
  )
  assert.match(wrong.errors, /exact name/)
  assert.equal((await ask('GET', `/v1/files/${its.file}`, undefined, gone.key)).status, 200)

  const erased = await program.command(
    ...['workspace', 'erase', gone.id, '--confirm', canary, '--out', out],
  )
  assert.equal(erased.code, 0, erased.errors)
  assert.match(erased.output, /1 backups made meanwhile hold the keys/)

  for (const path of [`/v1/files/${its.file}`, `/v1/documents/${its.document}`, '/v1/usage']) {
    assert.equal((await ask('GET', path, undefined, gone.key)).status, 401, path)
  }
  for (const path of [`/v1/files/${others.file}`, `/v1/documents/${others.document}`]) {
    assert.equal((await ask('GET', path, undefined, kept.key)).status, 200, path)
  }
  const certificate = JSON.parse(readFileSync(out, 'utf8'))
  const { statement } = certificate
  assert.equal(statement.workspace.name, canary)
  assert.ok(statement.keys_destroyed.length >= 2, 'the workspace’s key and the document’s')
  for (const key of statement.keys_destroyed) assert.ok(!blobFolders().includes(key))
  assert.equal(before.length - blobFolders().length, statement.keys_destroyed.length)
  assert.ok(statement.rows_deleted.runs >= 2 && statement.rows_deleted.files >= 1)

  const again = await ask(
    'POST',
    `/v1/workspaces/${gone.id}/erase`,
    { confirm: canary },
    program.key,
  )
  assert.equal(again.status, 404)
  const names = (await ask('GET', '/v1/workspaces', undefined, program.key)).body.data
  assert.ok(!JSON.stringify(names).includes(canary))

  const chain = join(folder, 'chain.jsonl')
  assert.equal((await program.command('audit', 'export', '--out', chain)).code, 0)
  assert.equal((await runCommand(['audit', 'verify', chain])).code, 0)
  assert.ok(!readFileSync(chain, 'utf8').includes(canary))
  assert.equal((await ask('GET', '/v1/erasures', undefined, program.key)).body.data.length, 1)
})

test('the certificate holds offline, and not once it was changed', async () => {
  const out = join(folder, 'certificate.json')
  const holds = await runCommand(['workspace', 'certificate', out])
  assert.deepEqual([holds.code, /^Holds: workspace/.test(holds.output)], [0, true])
  const forged = join(folder, 'forged.json')
  writeFileSync(forged, readFileSync(out, 'utf8').replace('"files": ', '"files": 9'))
  assert.equal((await runCommand(['workspace', 'certificate', forged])).code, 3)
  for (const none of ['{}', 'no JSON', '{"statement":{"type":"bastide-erasure-1"}}']) {
    writeFileSync(forged, none)
    assert.equal((await runCommand(['workspace', 'certificate', forged])).code, 2)
  }
  assert.ok(statSync(out).size > 300)
})

test('the only workspace stays, and only an owner erases', async () => {
  const { data } = (await ask('GET', '/v1/workspaces', undefined, program.key)).body
  const admin = await made('/v1/keys', { name: 'admin', role: 'admin' }, program.key)
  for (const { id, name } of data) {
    const refused = await ask('POST', `/v1/workspaces/${id}/erase`, { confirm: name }, admin.key)
    assert.equal(refused.status, 403)
  }
  const [first, second] = data as Workspace[]
  const erase = ({ id, name }: Workspace) =>
    ask('POST', `/v1/workspaces/${id}/erase`, { confirm: name }, program.key)
  const own = data.find((one: Workspace) => one.name === 'default')
  for (const one of [first!, second!])
    if (one.id !== own.id) assert.equal((await erase(one)).status, 200)
  assert.equal((await erase(own)).status, 409)
})

test('no row of the database holds its words, but the certificate, which names it', async () => {
  await program[Symbol.asyncDispose]()
  const database = await openDatabase({
    url: await databaseUrlOf(folder),
    folder: join(folder, 'database'),
    poolSize: 1,
    log: createLog('silent'),
  })
  try {
    for (const table of await tablesInOrder(database.db)) {
      const { rows } = await sql<{ row: string }>`
        select row_to_json(t)::text as row from ${sql.table(table)} t`.execute(database.db)
      const found = rows.filter(({ row }) => row.includes(canary))
      assert.equal(found.length, table === 'erasures' ? 1 : 0, `${table}: ${found[0]?.row}`)
    }
  } finally {
    await database.close()
  }
})
