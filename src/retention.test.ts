/** What is over age is removed by its workspace's rules: rows, blobs and keys, and nobody else's. */
import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { Scope } from './access/scope.ts'
import { createWorkspace } from './access/workspaces.ts'
import { batchKind } from './http/batch/run.ts'
import type { Program } from './program.ts'
import { openTestProgram } from './program-fixture.ts'
import { applyRetention } from './retention.ts'
import { setRetention } from './store/retention.ts'

const dayMs = 86_400_000
const bytes = () => Readable.from([Buffer.from('what a customer wrote')])

async function fill({ files, documents, runs }: Program, scope: Scope) {
  const file = await files.create(scope, {
    name: 'of a customer.txt',
    purpose: async () => 'user_data',
    mimeType: 'text/plain',
    content: bytes(),
  })
  const { run } = await documents.create(scope, {
    name: 'of a customer.pdf',
    mimeType: 'application/pdf',
    content: bytes(),
    limitBytes: 1000,
    how: async () => ({ model: 'reader' }),
  })
  await runs.finish(run.id, { status: 'done', result: null })
  const batch = await runs.create(scope, { kind: batchKind, input: { metadata: 'of a customer' } })
  await runs.putItem(batch.id, {
    index: 0,
    status: 'done',
    result: { text: 'an answer to a customer' },
  })
  await runs.finish(batch.id, { status: 'done', result: { outputFile: null } })
  return { file: file.id, document: run.id, batch: batch.id }
}

function storedBytes(folder: string): number {
  return readdirSync(join(folder, 'blobs'), { recursive: true })
    .map((name) => statSync(join(folder, 'blobs', String(name))))
    .filter((stats) => stats.isFile()).length
}

test('each kind goes when its days are over, in its workspace alone', async () => {
  await using opened = await openTestProgram()
  const { program, folder, owner: mine } = opened
  const { db } = program.database
  const { secret } = await createWorkspace(db, mine, 'theirs')
  const theirs = await program.authenticator.authenticate({ kind: 'key', secret })
  const ids = await fill(program, mine)
  const others = await fill(program, theirs)
  const after = (days: number): Program => ({
    ...program,
    clock: { ...program.clock, now: () => Date.now() + days * dayMs },
  })
  const left = async () => {
    const gone = <T>(read: Promise<T>) => read.then(() => true).catch(() => false)
    return [
      await gone(program.files.get(mine, ids.file)),
      await gone(program.documents.get(mine, ids.document)),
      await gone(program.runs.get(mine, batchKind, ids.batch)),
    ]
  }

  await applyRetention(after(1000))
  assert.deepEqual(await left(), [true, true, true], 'without a rule nothing goes')
  await setRetention(db, mine, 'files', 10)
  await setRetention(db, mine, 'documents', 20)
  await setRetention(db, mine, 'batches', 30)
  await applyRetention(after(5))
  assert.deepEqual(await left(), [true, true, true])
  await applyRetention(after(11))
  assert.deepEqual(await left(), [false, true, true])
  await applyRetention(after(21))
  assert.deepEqual(await left(), [false, false, true])
  await applyRetention(after(31))
  assert.deepEqual(await left(), [false, false, false])

  assert.equal(storedBytes(folder), 2, 'only the other workspace’s file and document are stored')
  const late = program.runs.putItem(ids.batch, {
    index: 9,
    status: 'done',
    result: 'of a customer',
  })
  await assert.rejects(late, { code: 'not_found' }, 'a worker that comes back keeps nothing')
  await program.files.get(theirs, others.file)
  await program.documents.get(theirs, others.document)
  const rows = JSON.stringify([
    await db.selectFrom('files').selectAll().where('id', '=', ids.file).execute(),
    await db.selectFrom('runs').selectAll().where('id', 'in', [ids.document, ids.batch]).execute(),
    await db.selectFrom('run_items').selectAll().where('run_id', '=', ids.batch).execute(),
  ])
  assert.ok(!rows.includes('customer'), rows)
  const told = await db
    .selectFrom('audit_records')
    .select('body')
    .where('kind', '=', 'retention.remove')
    .execute()
  assert.equal(told.length, 3)
})
