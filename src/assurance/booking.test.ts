/** A call is booked whatever became of the run it belongs to; its result is kept only by a run that is there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../clock.ts'
import { openTestDatabase } from '../store/database-fixture.ts'
import { type CallBooking, createBooking } from './booking.ts'

const organisation = 'org_test'
const workspace = 'ws_test'

function callOf(run: string): CallBooking {
  return {
    ledger: {
      call_id: `call_${run}`,
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
      run_id: run,
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
    item: { run, index: 0, status: 'done', result: { text: 'of a customer' } },
  }
}

test('a call of a run that was removed or erased is booked, and its result goes nowhere', async () => {
  await using database = await openTestDatabase()
  const { db } = database
  await db.insertInto('organisations').values({ id: organisation, name: 'Test' }).execute()
  const head = { organisation_id: organisation, seq: 0, link: Buffer.alloc(32) }
  await db.insertInto('audit_heads').values(head).execute()
  await db
    .insertInto('workspaces')
    .values({ id: workspace, organisation_id: organisation, name: 'Test' })
    .execute()
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
  const booking = createBooking(db, systemClock)
  const runs = ['run_here', 'run_removed', 'run_erased']
  const numbers = await Promise.all(
    runs.map((run) =>
      booking.book(
        {
          organisationId: organisation,
          workspaceId: workspace,
          kind: 'call',
          actor: { kind: 'system', id: 'test' },
          outcome: 'ok',
          details: { run },
        },
        callOf(run),
      ),
    ),
  )
  assert.deepEqual(numbers.toSorted(), [1, 2, 3])
  const entries = await db.selectFrom('ledger_entries').select('run_id').execute()
  assert.deepEqual(entries.map(({ run_id }) => run_id).sort(), runs.toSorted())
  const items = await db.selectFrom('run_items').select('run_id').execute()
  assert.deepEqual(items, [{ run_id: 'run_here' }])
})
