/**
 * The restore drill: an installation in use is backed up while it runs and put back elsewhere, into
 * an embedded database and, where there is a server, from one home to the other and back. Every row
 * and every file must be the same, and the audit chain must verify.
 */
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createLog } from '../src/log.ts'
import { tablesInOrder } from '../src/store/backup/tables.ts'
import { openDatabase } from '../src/store/database.ts'
import {
  databaseUrlOf,
  newDataFolder,
  type RunningProgram,
  runCommand,
  startProgram,
} from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

let program: RunningProgram
const folders: string[] = []

function folder(): string {
  folders.push(newDataFolder())
  return folders.at(-1)!
}

function send(path: string, init: RequestInit = {}) {
  return fetch(new URL(path, program.url), {
    method: 'POST',
    ...init,
    headers: { authorization: `Bearer ${program.key}` },
  })
}

async function upload(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const form = new FormData()
  form.set('file', new File([bytes], name))
  form.set('purpose', 'user_data')
  return ((await (await send('/v1/files', { body: form })).json()) as { id: string }).id
}

before(async () => {
  program = await startProgram({ folder: folder() })
  const imported = await program.command('model', 'import', await makeTinyLlama(), '--name', 'tiny')
  assert.equal(imported.code, 0, imported.errors)
  for (let index = 0; index < 20; index++) {
    await upload(`${index}.bin`, new Uint8Array(1000 + index * 7000).fill(index))
  }
  const chat = JSON.stringify({
    model: 'tiny',
    messages: [{ role: 'user', content: 'ünïcödé "quoted" \\ and \u2028' }],
    max_tokens: 4,
  })
  for (let index = 0; index < 5; index++) await send('/v1/chat/completions', { body: chat })
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  for (const one of folders) rmSync(one, { recursive: true, force: true })
})

/** A digest per table of all its rows, whatever their order. */
async function fingerprint(dataFolder: string, url: string): Promise<Record<string, string>> {
  const database = await openDatabase({
    url,
    folder: join(dataFolder, 'database'),
    poolSize: 2,
    log: createLog('silent'),
  })
  const digests: Record<string, string> = {}
  for (const table of await tablesInOrder(database.db)) {
    const { rows } = await sql<{ digest: string | null; count: string }>`
      select md5(string_agg(row, chr(10) order by row)) as digest, count(*) as count
      from (select row_to_json(t)::text as row from ${sql.table(table)} t) rows`.execute(
      database.db,
    )
    digests[table] = `${rows[0]!.count}:${rows[0]!.digest}`
  }
  await database.close()
  return digests
}

async function stop(running: RunningProgram): Promise<void> {
  const ended = new Promise((resolve) => running.process.once('exit', resolve))
  running.process.kill('SIGTERM')
  await ended
}

const environmentFor = (url: string) => ({
  ...process.env,
  DATABASE_URL: url,
  BASTIDE_LOG_LEVEL: 'warn',
})

async function restore(file: string, target: string, url: string, masterKeyFrom: string) {
  const key = join(masterKeyFrom, 'master.key')
  const args = ['restore', file, '--data', target, '--master-key', key, '--json']
  return runCommand(args, environmentFor(url))
}

test('a backup made under load restores row by row, and the installation goes on', async () => {
  let writing = true
  const load = (async () => {
    while (writing) await upload('later.bin', new Uint8Array(5000))
  })()
  const file = join(folder(), 'one.backup')
  const made = await program.command('backup', file)
  writing = false
  await load
  assert.equal(made.code, 0, made.errors)

  const target = folder()
  const back = await restore(file, target, '', program.folder)
  assert.equal(back.code, 0, back.errors)
  await using moved = await startProgram({
    folder: target,
    key: program.key,
    environment: { DATABASE_URL: '', BASTIDE_KEY: program.key },
  })
  const exported = join(target, 'audit.jsonl')
  const wrote = await moved.command('audit', 'export', '--out', exported)
  assert.equal(wrote.code, 0, wrote.errors)
  const checked = await runCommand(['audit', 'verify', exported, '--json'])
  assert.equal(checked.code, 0, checked.output)
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, moved.url), {
      ...init,
      headers: { authorization: `Bearer ${program.key}` },
    })
  const { data } = (await (await ask('/v1/files?limit=1000')).json()) as {
    data: { id: string; filename: string }[]
  }
  const sixth = data.find(({ filename }) => filename === '6.bin')!
  const content = await ask(`/v1/files/${sixth.id}/content`)
  const bytes = new Uint8Array(await content.arrayBuffer())
  assert.equal(bytes.length, 1000 + 6 * 7000)
  assert.ok(bytes.every((byte) => byte === 6))
  const chat = { model: 'tiny', messages: [{ role: 'user', content: 'x' }], max_tokens: 2 }
  const answer = await ask('/v1/chat/completions', { method: 'POST', body: JSON.stringify(chat) })
  assert.equal(answer.status, 200, await answer.text())
})

test('from the embedded database to a server and back, every row stays the same', async (context) => {
  if (!process.env.BASTIDE_TEST_POSTGRES) return context.skip('no PostgreSQL server')
  // The program of this run lives on the server already: first to the embedded database, then back.
  const first = join(folder(), 'server.backup')
  assert.equal((await program.command('backup', first)).code, 0)
  const embedded = folder()
  const there = await restore(first, embedded, '', program.folder)
  assert.equal(there.code, 0, there.errors)
  const before = await fingerprint(embedded, '')

  const running = await startProgram({
    folder: embedded,
    key: program.key,
    environment: { DATABASE_URL: '', BASTIDE_KEY: program.key },
  })
  const second = join(folder(), 'embedded.backup')
  assert.equal((await running.command('backup', second)).code, 0)
  await stop(running)
  const server = folder()
  const url = await databaseUrlOf(server)
  const backAgain = await restore(second, server, url, program.folder)
  assert.equal(backAgain.code, 0, backAgain.errors)
  const after = await fingerprint(server, url)
  // Only the books of what was done in between may differ: start, backup and restore are recorded.
  const same = [
    'organisations',
    'keys',
    'files',
    'packages',
    'aliases',
    'ledger_entries',
    'data_keys',
    'secrets',
  ]
  for (const table of same)
    assert.equal(after[table]?.split(':')[0], before[table]?.split(':')[0], table)
  for (const table of ['files', 'packages', 'aliases', 'ledger_entries', 'data_keys', 'secrets']) {
    assert.equal(after[table], before[table], table)
  }
})

test('a backup that was cut, changed, or is of another master key is refused', async () => {
  const file = join(folder(), 'whole.backup')
  assert.equal((await program.command('backup', file)).code, 0)
  const bytes = readFileSync(file)
  const changed = Buffer.from(bytes)
  changed[Math.floor(bytes.length / 2)]! ^= 1
  const damaged: [why: string, content: Buffer][] = [
    ['cut', bytes.subarray(0, bytes.length - 20)],
    ['cut at a frame', bytes.subarray(0, 8 + 65_552)],
    ['changed', changed],
    ['empty', Buffer.alloc(0)],
  ]
  for (const [why, content] of damaged) {
    const path = join(folder(), 'damaged.backup')
    writeFileSync(path, content)
    const refused = await restore(path, folder(), '', program.folder)
    assert.equal(refused.code, 2, `${why}: ${refused.output}`)
    assert.match(refused.errors, /cut short or changed/, why)
  }
  const other = await startProgram({ folder: folder() })
  await stop(other)
  const refused = await restore(file, folder(), '', other.folder)
  assert.match(refused.errors, /another master key/)
})

test('nothing is restored over an installation, nor without a master key, nor by lesser roles', async () => {
  const file = join(folder(), 'whole.backup')
  assert.equal((await program.command('backup', file)).code, 0)
  const taken = folder()
  copyFileSync(join(program.folder, 'master.key'), join(taken, 'master.key'))
  const first = await startProgram({ folder: taken, environment: { DATABASE_URL: '' } })
  await stop(first)
  const over = await restore(file, taken, '', program.folder)
  assert.equal(over.code, 1)
  assert.match(over.errors, /has an installation already/)
  const keyless = await runCommand(['restore', file, '--data', folder()], environmentFor(''))
  assert.equal(keyless.code, 2)
  assert.match(keyless.errors, /--master-key/)
  const made = await send('/v1/keys', { body: JSON.stringify({ name: 'a', role: 'admin' }) })
  const { key } = (await made.json()) as { key: string }
  const lesser = await fetch(new URL('/v1/backups', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  })
  assert.equal(lesser.status, 403)
})
