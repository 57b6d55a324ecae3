/** Leases against the real database: a limit holds however many calls draw at once, and all comes back. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemClock } from '../clock.ts'
import { openTestDatabase, type TestDatabase } from '../store/database-fixture.ts'
import { createAuthenticator } from './authenticate.ts'
import { type Budgets, createBudgets, createLimit, type Reserved } from './budgets.ts'
import { createKey } from './keys.ts'
import type { Scope } from './scope.ts'
import { setUpInstallation } from './workspaces.ts'

const callMs = 60_000
let database: TestDatabase
let owner: Scope

before(async () => {
  database = await openTestDatabase()
  const made = await setUpInstallation(database.db, { organisation: 'Test' })
  const authenticator = createAuthenticator(database.db, systemClock)
  owner = await authenticator.authenticate({ kind: 'key', secret: made!.secret })
})

after(async () => {
  await database?.[Symbol.asyncDispose]()
})

async function scopeWithLimit(tokensPerDay: number): Promise<Scope> {
  const { db } = database
  const { key, secret } = await createKey(db, owner, { name: 'key', role: 'member' })
  const limit = { metric: 'tokens', span: 'day', amount: tokensPerDay } as const
  await createLimit(db, owner, { subjectKind: 'key', subjectId: key.id, ...limit })
  return createAuthenticator(db, systemClock).authenticate({ kind: 'key', secret })
}

async function reservedOf(scope: Scope): Promise<number> {
  const { rows } = await sql<{ reserved: number }>`
    select coalesce(sum(c.reserved), 0) as reserved from limit_counters c
    join limits l on l.id = c.limit_id where l.subject_id = ${scope.keyId}`.execute(database.db)
  return rows[0]!.reserved
}

let number = 0
const estimate = { tokens: 10, euros: 0, joules: 0 }
const reserve = (budgets: Budgets, scope: Scope) =>
  budgets.reserve(scope, `call_${++number}`, estimate, callMs)

test('many calls draw, and when they have ended and the leases too nothing is held', async () => {
  const budgets = createBudgets(database.db, systemClock, callMs)
  const scope = await scopeWithLimit(1e9)
  const drawn: Reserved[] = []
  for (let round = 0; round < 20; round++) {
    drawn.push(...(await Promise.all(Array.from({ length: 40 }, () => reserve(budgets, scope)))))
    assert.ok((await reservedOf(scope)) >= drawn.length * estimate.tokens)
  }
  assert.ok(drawn.filter((one) => one.id === null).length > 700, 'most drew on leases')
  await Promise.all(drawn.map((one) => one.giveBack()))
  await budgets.forget()
  assert.equal(await reservedOf(scope), 0)
})

test('near the limit nobody gets more than there is', async () => {
  const budgets = createBudgets(database.db, systemClock, callMs)
  const scope = await scopeWithLimit(6_000)
  const results = await Promise.allSettled(
    Array.from({ length: 1_000 }, () => reserve(budgets, scope)),
  )
  const granted = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  assert.ok(granted.length <= 600, `${granted.length} calls of 10 tokens, of 6,000`)
  // What leases hold unused is a small part.
  assert.ok(granted.length > 500, `${granted.length} calls of 10 tokens, of 6,000`)
  assert.ok((await reservedOf(scope)) <= 6_000)
  await Promise.all(granted.map((one) => one.giveBack()))
  await budgets.forget()
  assert.equal(await reservedOf(scope), 0)
})
