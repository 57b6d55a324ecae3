/**
 * Goal: limits, keys and sessions hold when the machine's clock is set, forward or back, at any moment.
 * Method: the real database, and a clock the test sets.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createTestClock } from '../clock-fixture.ts'
import { AppError } from '../errors.ts'
import { openTestDatabase, type TestDatabase } from '../store/database-fixture.ts'
import type { Span } from '../store/schema.ts'
import { createAuthenticator } from './authenticate.ts'
import { createBudgets, createLimit } from './budgets.ts'
import { createKey } from './keys.ts'
import type { Scope } from './scope.ts'
import { startSession } from './sessions.ts'
import { windowEnd } from './windows.ts'
import { setUpInstallation } from './workspaces.ts'

const estimate = { tokens: 10, euros: 0, joules: 0 }
const callMs = 60_000
const noon = '2026-03-29T12:00:30Z'

let database: TestDatabase
let owner: Scope

before(async () => {
  database = await openTestDatabase()
  const made = await setUpInstallation(database.db, { organisation: 'Test' })
  const authenticator = createAuthenticator(database.db, createTestClock(noon))
  owner = await authenticator.authenticate({ kind: 'key', secret: made!.secret })
})

after(async () => {
  await database?.[Symbol.asyncDispose]()
})

/** A key of its own for a test, and the scope that it gives. */
async function newKey(options: { expiresAt?: Date; requestsPerMinute?: number } = {}) {
  const { db } = database
  const made = await createKey(db, owner, {
    name: 'key',
    role: 'member',
    expiresAt: options.expiresAt,
  })
  if (options.requestsPerMinute) {
    await createLimit(db, owner, {
      subjectKind: 'key',
      subjectId: made.key.id,
      metric: 'requests',
      span: 'minute',
      amount: options.requestsPerMinute,
    })
  }
  const authenticator = createAuthenticator(db, createTestClock('2026-01-01T00:00:00Z'))
  return { ...made, scope: await authenticator.authenticate({ kind: 'key', secret: made.secret }) }
}

async function reservedOf(keyId: string): Promise<number> {
  const { rows } = await sql<{ reserved: number }>`
    select coalesce(sum(c.reserved), 0) as reserved from limit_counters c
    join limits l on l.id = c.limit_id where l.subject_id = ${keyId}`.execute(database.db)
  return rows[0]!.reserved
}

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof AppError && error.code === code

test('a clock set back does not open a window that was used up', async () => {
  const clock = createTestClock(noon)
  const budgets = createBudgets(database.db, clock, callMs)
  const { scope } = await newKey({ requestsPerMinute: 2 })
  const reserve = (id: string) => budgets.reserve(scope, `call_back_${id}`, estimate, callMs)
  await reserve('1')
  await reserve('2')
  await assert.rejects(reserve('3'), (error: unknown) => {
    assert.ok(refusedWith('rate_limited')(error))
    assert.equal((error as AppError).retryAfterSeconds, 30)
    return true
  })
  clock.set('2026-03-29T12:01:00Z')
  await reserve('4')
  clock.set('2026-03-29T12:00:59.999Z')
  await assert.rejects(reserve('5'), refusedWith('rate_limited'))
  clock.set('2026-03-29T12:01:59.999Z')
  await reserve('6')
  await assert.rejects(reserve('7'), refusedWith('rate_limited'))
})

test('calls that draw on a lease over a jump give everything back where it was taken', async () => {
  for (const jump of ['2026-03-29T12:05:00Z', '2026-03-29T11:00:00Z', '2027-01-01T00:00:00Z']) {
    const clock = createTestClock('2026-03-29T12:00:59Z')
    const budgets = createBudgets(database.db, clock, callMs)
    const { scope } = await newKey({ requestsPerMinute: 1000 })
    const reserve = (id: number) => budgets.reserve(scope, `call_lease_${id}`, estimate, callMs)
    const reserved = [await reserve(1), await reserve(2)]
    assert.ok((await reservedOf(scope.keyId)) >= 2)
    assert.ok(
      reserved.every((one) => one.id === null),
      'they drew on a lease',
    )
    clock.set(jump)
    reserved.push(await reserve(3))
    clock.pass(2_000)
    reserved.push(await reserve(4))
    for (const one of reserved) await one.giveBack()
    await budgets.forget()
    assert.equal(await reservedOf(scope.keyId), 0, jump)
  }
})

test('the sweep takes what has expired by the clock, never what a clock set back has not reached', async () => {
  const clock = createTestClock(noon)
  const budgets = createBudgets(database.db, clock, callMs)
  const { scope } = await newKey({ requestsPerMinute: 5 })
  await budgets.reserve(scope, 'call_swept', estimate, callMs)
  clock.set('2026-03-29T10:00:00Z')
  await budgets.sweep()
  assert.equal(await reservedOf(scope.keyId), 1)
  clock.set('2026-03-29T12:02:29Z')
  await budgets.sweep()
  assert.equal(await reservedOf(scope.keyId), 1)
  clock.set('2026-03-29T12:02:31Z')
  await budgets.sweep()
  assert.equal(await reservedOf(scope.keyId), 0)
})

test('the program and the database agree where a window ends, to the millisecond', async () => {
  const spans: Span[] = ['minute', 'hour', 'day', 'month']
  const moments = [noon, '2026-12-31T23:59:59.999Z', '2028-02-29T00:00:00Z', '2026-10-25T01:30:00Z']
  for (const span of spans) {
    for (const moment of moments) {
      const end = windowEnd(span, Date.parse(moment))!
      const startOf = async (at: Date) => {
        const { rows } = await sql<{ start: Date }>`
          select window_start(${span}, ${at}::timestamptz) as start`.execute(database.db)
        return rows[0]!.start.getTime()
      }
      const start = await startOf(new Date(moment))
      assert.equal(await startOf(new Date(end.getTime() - 1)), start, `${span} ${moment}`)
      assert.equal(await startOf(end), end.getTime(), `${span} ${moment}`)
    }
  }
})

test('a key expires by the clock, at once, whatever was asked before', async () => {
  const clock = createTestClock('2026-03-29T11:59:59Z')
  const authenticator = createAuthenticator(database.db, clock)
  const { secret } = await newKey({ expiresAt: new Date('2026-03-29T12:00:00Z') })
  const use = () => authenticator.authenticate({ kind: 'key', secret })
  await use()
  clock.set('2026-03-29T12:00:00Z')
  await assert.rejects(use(), refusedWith('unauthenticated'))
  clock.set('2026-03-29T11:00:00Z')
  await use()
  clock.set('2030-01-01T00:00:00Z')
  clock.pass(2_000)
  await assert.rejects(use(), refusedWith('unauthenticated'))
})

test('a session ends after its hours however the clock was set in between', async () => {
  const clock = createTestClock(noon)
  const authenticator = createAuthenticator(database.db, clock)
  const { secret } = await newKey()
  const { keyId } = await authenticator.authenticate({ kind: 'key', secret })
  const started = { keyId, providerId: null, now: clock.now() }
  const session = await startSession(database.db, started)
  const use = () => authenticator.authenticate({ kind: 'session', secret: session.secret })
  assert.equal(session.expiresAt.toISOString(), '2026-03-30T00:00:30.000Z')
  await use()
  clock.set('2026-03-29T00:00:00Z')
  clock.pass(2_001)
  await use()
  clock.set('2026-03-30T00:00:30Z')
  clock.pass(2_001)
  await assert.rejects(use(), refusedWith('unauthenticated'))
})
