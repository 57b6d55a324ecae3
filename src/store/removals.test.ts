/** What is stored without a row goes, what has one stays, and no kill or absent store loses a removal. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { createTestClock } from '../clock-fixture.ts'
import { AppError } from '../errors.ts'
import { createLog } from '../log.ts'
import { createBlobs, putBytes, readBlob } from './blobs.ts'
import { openTestDatabase, type TestDatabase } from './database-fixture.ts'
import { dataKeyFrom } from './keyring.ts'
import { folderObjects } from './objects/folder.ts'
import type { Objects } from './objects/objects.ts'
import { createRemovals } from './removals.ts'

const hourMs = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'bastide-test-'))
const key = dataKeyFrom('dk_test', randomBytes(32))
let database: TestDatabase

before(async () => {
  database = await openTestDatabase()
})
beforeEach(() => database.db.deleteFrom('blob_removals').execute())
after(async () => {
  await database[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** A store that can be away, as a bucket can. */
function openStore() {
  const { db } = database
  const clock = createTestClock('2026-11-28T10:00:00Z')
  const inner = folderObjects(mkdtempSync(join(folder, 'objects-')))
  const state = { away: false }
  const unlessAway = <T>(work: () => T): T => {
    if (state.away) throw new AppError('unavailable', 'The store does not answer.')
    return work()
  }
  const objects: Objects = {
    ...inner,
    remove: async (name) => unlessAway(() => inner.remove(name)),
    removeAll: async (name) => unlessAway(() => inner.removeAll(name)),
  }
  const removals = createRemovals({ db, objects, clock })
  const spool = mkdtempSync(join(folder, 'spool-'))
  const blobs = createBlobs({ db, objects, removals, spool, log: createLog('silent') })
  const put = async (text: string) => (await putBytes(blobs, key, Buffer.from(text))).address
  const isThere = (address: string) =>
    readBlob(blobs, key, address).then(
      () => true,
      (error: AppError) => {
        assert.equal(error.code, 'not_found')
        return false
      },
    )
  return { db, clock, state, removals, blobs, put, isThere }
}

test('what no row keeps goes within a day; what one keeps stays', async () => {
  const { db, clock, removals, blobs, put, isThere } = openStore()
  const [kept, left] = [await put('the same'), await put('the same')]
  await db.transaction().execute((transaction) => blobs.keep(transaction, key, kept))
  clock.pass(23 * hourMs)
  await removals.sweep()
  assert.deepEqual([await isThere(kept), await isThere(left)], [true, true])
  clock.pass(2 * hourMs)
  await removals.sweep()
  assert.deepEqual([await isThere(kept), await isThere(left)], [true, false])
  await assert.rejects(
    db.transaction().execute((transaction) => blobs.keep(transaction, key, left)),
    { code: 'timeout' },
    'a row is not made for what is gone',
  )
})

test('what a transaction drops goes with it, and stays where it fails', async () => {
  const { db, blobs, put, isThere } = openStore()
  const addresses = [await put('one'), await put('another'), await put('a third')]
  const [one, other, third] = addresses as [string, string, string]
  await db.transaction().execute((transaction) => blobs.keep(transaction, key, ...addresses))
  const failing = db.transaction().execute(async (transaction) => {
    await blobs.drop(transaction, key, one)
    throw new Error('the change failed')
  })
  await assert.rejects(failing, /the change failed/)
  await db.transaction().execute((transaction) => blobs.drop(transaction, key, other))
  await blobs.settle()
  assert.deepEqual([await isThere(one), await isThere(other)], [true, false])
  await db.transaction().execute((transaction) => blobs.dropAll(transaction, [key.id]))
  await blobs.settle()
  assert.deepEqual([await isThere(one), await isThere(third)], [false, false])
  assert.deepEqual(await db.selectFrom('blob_removals').selectAll().execute(), [])
})

test('a store that is away is tried again until it is back, and holds nobody up', async () => {
  const { db, clock, state, removals, blobs, put, isThere } = openStore()
  const addresses = await Promise.all(Array.from({ length: 450 }, (_, index) => put(`${index}`)))
  await db.transaction().execute((transaction) => blobs.keep(transaction, key, ...addresses))
  state.away = true
  await db.transaction().execute((transaction) => blobs.drop(transaction, key, ...addresses))
  await blobs.settle()
  await assert.rejects(removals.sweep(), { code: 'unavailable' })
  assert.equal(await isThere(addresses[0]!), true)
  state.away = false
  clock.pass(hourMs)
  await Promise.all([removals.sweep(), removals.sweep()])
  for (const address of addresses) assert.equal(await isThere(address), false)
})

test('as many as there are go in one change', async () => {
  const { db, removals } = openStore()
  const keyIds = Array.from({ length: 70_000 }, (_, index) => `dk_${index}/`)
  await db.transaction().execute((transaction) => removals.plan(transaction, keyIds, hourMs))
  await db.transaction().execute((transaction) => removals.keep(transaction, keyIds))
  assert.deepEqual(await db.selectFrom('blob_removals').selectAll().execute(), [])
})

test('what was kept stays, though whoever kept it did not hear so and discards it', async () => {
  const { db, blobs, put, isThere } = openStore()
  const address = await put('committed')
  await db.transaction().execute((transaction) => blobs.keep(transaction, key, address))
  await blobs.discard(key, address)
  assert.equal(await isThere(address), true)
})

test('what was put and cannot be kept is discarded at once', async () => {
  const { blobs, put, isThere } = openStore()
  const address = await put('refused')
  await blobs.discard(key, address)
  assert.equal(await isThere(address), false)
})
