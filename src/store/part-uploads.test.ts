/** An upload's hour: what is not completed in it ends, and nothing of it stays. */
import assert from 'node:assert/strict'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestClock } from '../clock-fixture.ts'
import { loadConfig } from '../config.ts'
import { AppError } from '../errors.ts'
import { setUp } from '../installation.ts'
import { createLog } from '../log.ts'
import { assembleProgram } from '../program.ts'
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
  const folder = mkdtempSync(join(tmpdir(), 'bastide-test-'))
  const program = await assembleProgram(
    loadConfig({ dataFolder: folder, databaseUrl: '' }),
    createLog('silent'),
  )
  try {
    const { adminKey } = await setUp(program)
    const { db } = program.database
    const clock = createTestClock('2026-11-28T10:00:00Z')
    const uploads = createPartUploads({ ...program, db, clock, limitBytes: 1000 })
    const scope = await program.authenticator.authenticate({ kind: 'key', secret: adminKey! })
    const late = await uploads.create(scope, wanted, untold)
    const part = await uploads.addPart(scope, late.id, bytes('abcd'), untold)
    clock.pass(hourMs / 2)
    const timely = await uploads.create(scope, wanted, untold)
    const kept = await uploads.addPart(scope, timely.id, bytes('efgh'), untold)
    clock.pass(hourMs / 2)

    const whole = { partIds: [part.id], md5: undefined }
    assert.equal((await uploads.get(scope, late.id)).status, 'expired')
    await assert.rejects(uploads.addPart(scope, late.id, bytes('x'), untold), hasCode('conflict'))
    await assert.rejects(uploads.complete(scope, late.id, whole, untold), hasCode('conflict'))
    await assert.rejects(uploads.cancel(scope, late.id, untold), hasCode('conflict'))

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
    await uploads.complete(scope, timely.id, { partIds: [kept.id], md5: undefined }, untold)

    clock.pass(25 * hourMs)
    await uploads.sweep(tell)
    await assert.rejects(uploads.get(scope, late.id), hasCode('not_found'))
  } finally {
    await program.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
