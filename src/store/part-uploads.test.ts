/** An upload's hour: what is not completed in it ends, and nothing of it stays. */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestClock } from '../clock-fixture.ts'
import { AppError } from '../errors.ts'
import { openTestProgram } from '../program-fixture.ts'
import { createPartUploads } from './part-uploads.ts'

const hourMs = 3_600_000

async function* bytes(text: string) {
  yield Buffer.from(text)
}
const wanted = { name: 'secret-name.txt', purpose: 'batch', mimeType: 'text/plain', sizeBytes: 4 }
const untold = async () => {}
const hasCode = (code: string) => (error: unknown) =>
  error instanceof AppError && error.code === code

test('after its hour an upload takes nothing more, and a sweep drops its parts', async () => {
  await using opened = await openTestProgram()
  const { program, folder, owner } = opened
  const { db } = program.database
  const clock = createTestClock('2026-11-28T10:00:00Z')
  const uploads = createPartUploads({ ...program, db, clock, limitBytes: 1000 })
  const late = await uploads.create(owner, wanted, untold)
  const part = await uploads.addPart(owner, late.id, bytes('abcd'), untold)
  clock.pass(hourMs / 2)
  const timely = await uploads.create(owner, wanted, untold)
  const kept = await uploads.addPart(owner, timely.id, bytes('efgh'), untold)
  clock.pass(hourMs / 2)

  const whole = { partIds: [part.id], md5: undefined }
  assert.equal((await uploads.get(owner, late.id)).status, 'expired')
  await assert.rejects(uploads.addPart(owner, late.id, bytes('x'), untold), hasCode('conflict'))
  await assert.rejects(uploads.complete(owner, late.id, whole, untold), hasCode('conflict'))
  await assert.rejects(uploads.cancel(owner, late.id, untold), hasCode('conflict'))

  const told: string[] = []
  const tell = async (_: unknown, upload: { id: string }) => void told.push(upload.id)
  await uploads.sweep(tell)
  await uploads.sweep(tell)
  assert.deepEqual(told, [late.id])
  const blobs = globSync(join(folder, 'blobs', '**', '*')).filter((path) =>
    /[0-9a-f]{80}$/.test(path),
  )
  assert.equal(blobs.length, 1, 'the part of the other upload alone')
  const { name } = await db
    .selectFrom('uploads')
    .select('name')
    .where('id', '=', late.id)
    .executeTakeFirstOrThrow()
  assert.equal(name, '')
  await uploads.complete(owner, timely.id, { partIds: [kept.id], md5: undefined }, untold)

  clock.pass(25 * hourMs)
  await uploads.sweep(tell)
  await assert.rejects(uploads.get(owner, late.id), hasCode('not_found'))
})
