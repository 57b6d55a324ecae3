/** A request whose end is not known is not taken for one that changed nothing. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AppError } from '../errors.ts'
import { openTestProgram, type TestProgram } from '../program-fixture.ts'
import { createIdempotency } from '../store/idempotency.ts'
import { onceOnly } from './once-only.ts'
import { route } from './route.ts'

let opened: TestProgram

before(async () => {
  opened = await openTestProgram()
})
after(() => opened[Symbol.asyncDispose]())

/** Sends one request twice; returns what came of each, and how often it was done. */
async function sendTwice(key: string, failure: () => Error) {
  const { program, owner: scope } = opened
  const idempotency = createIdempotency({ ...program, db: program.database.db })
  let done = 0
  const asked = route({
    method: 'POST',
    path: '/v1/made-for-this-test',
    guard: 'keys:write',
    summary: 'Does its work, then fails',
    tag: 'Access',
    handler: async () => {
      done += 1
      throw failure()
    },
  })
  const send = async () => {
    const request = new Request('http://localhost/', { headers: { 'idempotency-key': key } })
    const incoming = { request, scope, params: {}, query: {}, body: {} } as never
    return onceOnly(idempotency, asked, incoming, {}).then(
      () => 'answered',
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    )
  }
  return { first: await send(), second: await send(), done }
}

test('what was refused may be sent again with the same key', async () => {
  const refuse = () => new AppError('not_found', 'There is none.')
  assert.deepEqual(await sendTwice('a', refuse), {
    first: 'not_found',
    second: 'not_found',
    done: 2,
  })
})

test('what failed inside, or lost its database, is not done again unseen', async () => {
  const lost = Object.assign(new Error('terminated'), { code: '57P01' })
  for (const [key, failure] of [
    ['b', new Error('a mistake')],
    ['c', lost],
    ['d', new AppError('unavailable', 'The database does not answer.')],
  ] as const) {
    const { second, done } = await sendTwice(key, () => failure)
    assert.equal(second, 'conflict')
    assert.equal(done, 1)
  }
})
