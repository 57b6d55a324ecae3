/** The embedded database through node-postgres: turns, transactions, patience, durability. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { createLog } from '../log.ts'
import { type OpenDatabase, openDatabase } from './database.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-database-'))
const open = () =>
  openDatabase({ url: '', folder, poolSize: 1, log: createLog('silent'), patienceMs: 2_000 })
let database: OpenDatabase

before(async () => {
  database = await open()
  await sql`create table marks (worker integer, step integer)`.execute(database.db)
})

after(async () => {
  await database?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('queries of several connections at once each get their own answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const text = 'x'.repeat(index * 37)
      const { rows } = await sql<{ answer: string }>`
        select ${`${index}:${text}`}::text as answer`.execute(database.db)
      return rows[0]!.answer === `${index}:${text}`
    }),
  )
  assert.ok(answers.every(Boolean))
})

test('transactions do not see each other half done, and those that fail leave nothing', async () => {
  const { db } = database
  const plan = fc.array(fc.record({ steps: fc.integer({ min: 1, max: 4 }), fails: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(plan, async (workers) => {
      await sql`truncate marks`.execute(db)
      const work = workers.map(({ steps, fails }, worker) =>
        db
          .transaction()
          .execute(async (transaction) => {
            for (let step = 0; step < steps; step++) {
              await sql`insert into marks values (${worker}, ${step})`.execute(transaction)
            }
            const { rows } = await sql<{ others: number }>`
              select count(distinct worker) as others from marks m
              where (select count(*) from marks where worker = m.worker) <>
                    (select steps from (values ${sql.join(workers.map((one, w) => sql`(${w}::int, ${one.steps}::int)`))}) t(w, steps) where w = m.worker)
              `.execute(transaction)
            assert.equal(Number(rows[0]!.others), 0)
            if (fails) throw new Error('on purpose')
          })
          .catch((error: Error) => {
            if (error.message !== 'on purpose') throw error
          }),
      )
      await Promise.all(work)
      const { rows } = await sql<{ count: number }>`select count(*) from marks`.execute(db)
      const expected = workers.reduce((sum, one) => sum + (one.fails ? 0 : one.steps), 0)
      assert.equal(rows[0]!.count, expected)
    }),
    { numRuns: 25 },
  )
})

test('an error leaves the connection usable, and its code arrives', async () => {
  await assert.rejects(
    sql`select 1 / 0`.execute(database.db),
    (error: Error & { code: string }) => error.code === '22012',
  )
  const { rows } = await sql<{ one: number }>`select 1 as one`.execute(database.db)
  assert.equal(rows[0]!.one, 1)
})

test('the outer handle inside a transaction is refused instead of waiting for itself', async () => {
  const { db } = database
  await assert.rejects(
    db.transaction().execute(async () => {
      await sql`select 1`.execute(db)
    }),
    (error: Error & { code: string }) => error.code === '55P03',
  )
  const { rows } = await sql<{ one: number }>`select 1 as one`.execute(db)
  assert.equal(rows[0]!.one, 1)
})

test('answers that were given are not kept', async () => {
  const ask = () =>
    database.pool.query("select n, repeat('x', 200) from generate_series(1, 1000) n")
  for (let warm = 0; warm < 100; warm++) await ask()
  const before = process.memoryUsage.rss()
  for (let asked = 0; asked < 1_000; asked++) await ask()
  const grownMegabytes = (process.memoryUsage.rss() - before) / 2 ** 20
  // A million rows of 200 bytes passed through.
  assert.ok(grownMegabytes < 150, `${grownMegabytes.toFixed(0)} MB`)
})

test('what a connection that vanishes had not committed is rolled back', async () => {
  const { pool, db } = database
  const client = await pool.connect()
  await client.query('begin')
  await client.query('insert into marks values (99, 99)')
  client.release(new Error('it goes away'))
  const { rows } = await sql<{ count: number }>`
    select count(*) from marks where worker = 99`.execute(db)
  assert.equal(rows[0]!.count, 0)
})

test('fsync is on, and what was written is there after reopening', async () => {
  const { rows } = await sql<{ setting: string }>`
    select setting from pg_settings where name = 'fsync'`.execute(database.db)
  assert.equal(rows[0]!.setting, 'on')
  await sql`truncate marks`.execute(database.db)
  await sql`insert into marks values (7, 7)`.execute(database.db)
  await database.close()
  database = await open()
  const { rows: kept } = await sql<{ worker: number }>`select worker from marks`.execute(
    database.db,
  )
  assert.deepEqual(kept, [{ worker: 7 }])
})
