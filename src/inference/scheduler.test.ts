import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { systemClock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createScheduler, type Place, type Priority } from './scheduler.ts'

const never = new AbortController().signal

function ask(
  scheduler: ReturnType<typeof createScheduler>,
  workspaceId: string,
  priority: Priority = 'interactive',
  capacity = 1,
  signal = never,
): Promise<Place> {
  return scheduler.enter({ resource: 'model', capacity, workspaceId, priority, signal })
}

const settle = () => new Promise((resume) => setImmediate(resume))

describe('who may use a model next', () => {
  test('workspaces take turns, however many calls one of them has waiting', async () => {
    const scheduler = createScheduler(systemClock, 100)
    const order: string[] = []
    const running = await ask(scheduler, 'greedy')
    const calls = ['greedy', 'greedy', 'greedy', 'greedy', 'modest', 'modest'].map(async (who) => {
      const place = await ask(scheduler, who)
      order.push(who)
      await settle()
      place.release()
    })
    running.release()
    await Promise.all(calls)
    assert.ok(order.slice(0, 4).filter((who) => who === 'modest').length === 2, order.join())
  })

  test('people go before batches, and a place is kept for them while batches wait', async () => {
    const scheduler = createScheduler(systemClock, 100)
    const first = await ask(scheduler, 'w', 'batch', 2)
    let secondBatchRuns = false
    const second = ask(scheduler, 'w', 'batch', 2).then((place) => {
      secondBatchRuns = true
      return place
    })
    const person = await ask(scheduler, 'w', 'interactive', 2)
    assert.equal(secondBatchRuns, false)
    person.release()
    first.release()
    const place = await second
    place.release()
    assert.deepEqual(scheduler.counts(), { active: 0, queued: 0 })
  })

  test('batches are not starved by people', async () => {
    const scheduler = createScheduler(systemClock, 1000)
    const running = await ask(scheduler, 'w')
    let peopleBefore = 0
    let batchRan = false
    const people = Array.from({ length: 60 }, async () => {
      const place = await ask(scheduler, 'w')
      if (!batchRan) peopleBefore += 1
      await settle()
      place.release()
    })
    const batch = ask(scheduler, 'w', 'batch').then((place) => {
      batchRan = true
      place.release()
    })
    running.release()
    await Promise.all([...people, batch])
    assert.ok(peopleBefore <= 17, `${peopleBefore} people went first`)
  })

  test('a full queue refuses with a time to come back', async () => {
    const scheduler = createScheduler(systemClock, 2)
    const running = await ask(scheduler, 'w')
    const waiting = [ask(scheduler, 'w'), ask(scheduler, 'w')]
    await assert.rejects(ask(scheduler, 'w'), (error: AppError) => {
      assert.equal(error.code, 'overloaded')
      assert.ok(error.retryAfterSeconds! >= 1)
      return true
    })
    running.release()
    for (const place of waiting) (await place).release()
  })

  test('who leaves the queue is never given a place', async () => {
    const scheduler = createScheduler(systemClock, 10)
    const running = await ask(scheduler, 'w')
    const leaving = new AbortController()
    const left = ask(scheduler, 'w', 'interactive', 1, leaving.signal)
    const reason = new AppError('cancelled', 'gone')
    leaving.abort(reason)
    await assert.rejects(left, reason)
    running.release()
    assert.deepEqual(scheduler.counts(), { active: 0, queued: 0 })
  })

  test('no order of coming, leaving and cancelling runs more than there are places', async () => {
    const step = fc.record({
      workspace: fc.constantFrom('a', 'b', 'c'),
      batch: fc.boolean(),
      cancels: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step), async (capacity, steps) => {
        const scheduler = createScheduler(systemClock, 1000)
        let active = 0
        const calls = steps.map(async ({ workspace, batch, cancels }) => {
          const abort = new AbortController()
          const priority = batch ? 'batch' : 'interactive'
          const entering = ask(scheduler, workspace, priority, capacity, abort.signal)
          if (cancels) abort.abort(new AppError('cancelled', 'gone'))
          try {
            const place = await entering
            active += 1
            assert.ok(active <= capacity)
            await settle()
            active -= 1
            place.release()
          } catch (error) {
            if (!(error instanceof AppError)) throw error
          }
        })
        await Promise.all(calls)
        assert.deepEqual(scheduler.counts(), { active: 0, queued: 0 })
      }),
      { numRuns: 200 },
    )
  })
})
