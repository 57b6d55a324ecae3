/** The write-ahead log of the embedded database: it ends somewhere, and its next segment is there before it is needed. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createLog } from '../log.ts'
import { type OpenDatabase, openDatabase } from './database.ts'
import { nextSegment } from './pglite-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-log-'))
const open = () => openDatabase({ url: '', folder, poolSize: 1, log: createLog('silent') })
let database: OpenDatabase

const segmentBytes = 16 * 2 ** 20
const logFolder = join(folder, 'pg_wal')
const segments = () => readdirSync(logFolder).filter((name) => /^[0-9A-F]{24}$/.test(name))

before(async () => {
  database = await open()
  await sql`create table marks (step integer)`.execute(database.db)
})

after(async () => {
  await database?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Writes a row and leaves the segment it went to. */
async function fillSegment(step: number): Promise<string> {
  await sql`insert into marks values (${step})`.execute(database.db)
  const { rows } = await sql<{ name: string }>`
    select pg_walfile_name(pg_switch_wal()) as name`.execute(database.db)
  return rows[0]!.name
}

test('names of segments count as PostgreSQL counts', () => {
  const cases = [
    ['000000010000000000000001', '000000010000000000000002'],
    ['0000000100000000000000FE', '0000000100000000000000FF'],
    ['0000000100000000000000FF', '000000010000000100000000'],
    ['00000002FFFFFFFE000000FF', '00000002FFFFFFFF00000000'],
  ]
  for (const [name, next] of cases) assert.equal(nextSegment(name!, segmentBytes), next)
  assert.equal(nextSegment('000000010000000000000FFF', 2 ** 20), '000000010000000100000000')
})

test('the next segment is made ahead, with its blocks allocated', async () => {
  const left = await fillSegment(0)
  await sql`insert into marks values (0)`.execute(database.db)
  const ahead = join(logFolder, nextSegment(nextSegment(left, segmentBytes), segmentBytes))
  const until = performance.now() + 20_000
  let found = statSync(ahead, { throwIfNoEntry: false })
  while (!found && performance.now() < until) {
    await new Promise((resume) => setTimeout(resume, 50))
    found = statSync(ahead, { throwIfNoEntry: false })
  }
  assert.ok(found, `${ahead} was not made`)
  assert.equal(found.size, segmentBytes)
  assert.ok(found.blocks * 512 >= segmentBytes, 'it has holes')
})

test('the log does not grow without end, and nothing of it is missed', async () => {
  const steps = 40
  let most = 0
  for (let step = 1; step <= steps; step++) {
    await fillSegment(step)
    most = Math.max(most, segments().length)
  }
  assert.ok(most < 25, `${most} segments at a time, of ${steps} written`)
  await database.close()
  assert.ok(!readdirSync(logFolder).some((name) => name.startsWith('xlogtemp')))
  database = await open()
  const { rows } = await sql<{ steps: number }>`
    select count(distinct step) as steps from marks where step > 0`.execute(database.db)
  assert.equal(Number(rows[0]!.steps), steps)
})

test('a checkpoint waits for a quiet moment while the log is short', async () => {
  const checkpoints = async () => {
    const { rows } = await sql<{ lsn: string }>`
      select redo_lsn::text as lsn from pg_control_checkpoint()`.execute(database.db)
    return rows[0]!.lsn
  }
  const before = await checkpoints()
  for (let step = 0; step < 4; step++) await fillSegment(step)
  assert.equal(await checkpoints(), before)
  await new Promise((resume) => setTimeout(resume, 1_500))
  assert.notEqual(await checkpoints(), before)
})
