/** Calls are booked once each: whatever became of their run, and whatever ended the process or the database. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../clock.ts'
import { createLog } from '../log.ts'
import type { Database } from '../store/database.ts'
import { openTestDatabase } from '../store/database-fixture.ts'
import { openJournal } from '../store/journal.ts'
import type { AuditEvent } from './audit/record.ts'
import { type CallBooking, createBooking } from './booking.ts'

const organisation = 'org_test'
const workspace = 'ws_test'

function callOf(id: string): CallBooking {
  return {
    ledger: {
      call_id: `call_${id}`,
      organisation_id: organisation,
      workspace_id: workspace,
      key_id: null,
      member_id: null,
      model: 'tiny',
      package_hash: 'f'.repeat(64),
      engine: 'llama',
      task: 'generate',
      status: 'ok',
      error_code: null,
      run_id: null,
      input_tokens: 1,
      output_tokens: 1,
      cached_tokens: 0,
      pages: 0,
      queue_seconds: 0,
      run_seconds: 1,
      first_token_seconds: null,
      cpu_seconds: null,
      joules: null,
      joules_source: null,
      grams_co2e: null,
      euros: 0,
    },
    reservation: null,
    counted: [],
    actual: {} as CallBooking['actual'],
    settled: () => {},
  }
}

function callOfRun(run: string): CallBooking {
  const call = callOf(run)
  const item = { run, index: 0, status: 'done', result: { text: 'of a customer' } } as const
  return { ...call, ledger: { ...call.ledger, run_id: run }, item }
}

const eventOf = (id: string): AuditEvent => ({
  organisationId: organisation,
  workspaceId: workspace,
  kind: 'call',
  actor: { kind: 'system', id: 'test' },
  outcome: 'ok',
  details: { call: `call_${id}` },
})

/** A database with an organisation, its chain and a workspace. */
async function openOrganisation() {
  const database = await openTestDatabase()
  const { db } = database
  await db.insertInto('organisations').values({ id: organisation, name: 'Test' }).execute()
  const head = { organisation_id: organisation, seq: 0, link: Buffer.alloc(32) }
  await db.insertInto('audit_heads').values(head).execute()
  await db
    .insertInto('workspaces')
    .values({ id: workspace, organisation_id: organisation, name: 'Test' })
    .execute()
  return database
}

const log = createLog('silent')
const clock = systemClock

async function bookedCalls(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom('ledger_entries')
    .select('call_id')
    .orderBy('audit_seq')
    .execute()
  return rows.map(({ call_id }) => call_id)
}

test('a call of a run that was removed or erased is booked, and its result goes nowhere', async () => {
  await using database = await openOrganisation()
  const { db } = database
  for (const id of ['run_here', 'run_removed']) {
    await db
      .insertInto('runs')
      .values({
        id,
        workspace_id: workspace,
        kind: 'batch',
        status: 'running',
        input: '{}',
        actor: '{}',
        deleted_at: id === 'run_removed' ? new Date() : null,
      })
      .execute()
  }
  const booking = createBooking({ db, clock, journal: null, log })
  const runs = ['run_here', 'run_removed', 'run_erased']
  await Promise.all(runs.map((run) => booking.book(eventOf(run), callOfRun(run))))
  const entries = await db.selectFrom('ledger_entries').select(['run_id', 'audit_seq']).execute()
  assert.deepEqual(entries.map(({ audit_seq }) => audit_seq).sort(), [1, 2, 3])
  assert.deepEqual(entries.map(({ run_id }) => run_id).sort(), runs.toSorted())
  const items = await db.selectFrom('run_items').select('run_id').execute()
  assert.deepEqual(items, [{ run_id: 'run_here' }])
})

test('what the journal kept of a killed process is booked at the next start, once', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-journal-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const ids = Array.from({ length: 300 }, (_, n) => String(n).padStart(3, '0'))
  const expected = ids.map((id) => `call_${id}`)
  {
    // Its database is lost with it: nothing of what it wrote is found again.
    await using lost = await openOrganisation()
    const booking = createBooking({ ...lost, clock, journal: await openJournal(folder), log })
    await Promise.all(ids.map((id) => booking.book(eventOf(id), callOf(id))))
    await booking.drain()
    assert.deepEqual(await bookedCalls(lost.db), expected)
  }
  await using database = await openOrganisation()
  const { db } = database
  for (let start = 0; start < 3; start++) {
    // Killed again in the middle of it, and again when all was taken over.
    const booking = createBooking({ db, clock, journal: await openJournal(folder), log })
    if (start === 0) await booking.book(eventOf('new'), callOf('new'))
    else await booking.recover()
    await booking.drain()
  }
  assert.deepEqual(await bookedCalls(db), ['call_new', ...expected])
  const { seq } = await db.selectFrom('audit_heads').select('seq').executeTakeFirstOrThrow()
  assert.equal(seq, ids.length + 1)
})

test('a call is booked though the database is away, and is there when it is back', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-journal-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  await using database = await openOrganisation()
  const { db } = database
  const booking = createBooking({ db, clock, journal: await openJournal(folder), log })
  // As long as this is open the one session is not free, and whoever waits too long is refused.
  const held = db.transaction().execute(async () => {
    await new Promise((resume) => setTimeout(resume, 500))
  })
  await booking.book(eventOf('a'), callOf('a'))
  const inTime = await Promise.race([held.then(() => false), Promise.resolve(true)])
  assert.ok(inTime, 'it waited for the database')
  await held
  await booking.drain()
  assert.deepEqual(await bookedCalls(db), ['call_a'])
  await booking.close()
  assert.deepEqual((await openJournal(folder)).left, [])
})
