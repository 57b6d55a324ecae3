import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFreshness } from './freshness.ts'

function moving() {
  let now = 0
  return { monotonic: () => now, move: (ms: number) => (now += ms) }
}
const settle = () => new Promise((resume) => setImmediate(resume))

test('an answer is kept for a second, then renewed behind the callers, and never given after two', async () => {
  const clock = moving()
  const kept = createFreshness<number>(clock)
  let loads = 0
  const get = () => kept.get('a', async () => ++loads)
  assert.equal(await get(), 1)
  clock.move(999)
  assert.equal(await get(), 1)
  clock.move(1)
  const [one, other] = [get(), get()]
  assert.deepEqual([await one, await other], [1, 1])
  await settle()
  assert.equal(await get(), 2)
  clock.move(2_000)
  assert.equal(await get(), 3)
})

test('what is forgotten is not brought back by a renewal under way', async () => {
  const clock = moving()
  const kept = createFreshness<string>(clock)
  let slow = (_answer: string) => {}
  await kept.get('a', async () => 'old')
  clock.move(1_500)
  await kept.get('a', () => new Promise((resolve) => (slow = resolve)))
  kept.forget()
  assert.equal(await kept.get('a', async () => 'new'), 'new')
  slow('old')
  await settle()
  assert.equal(await kept.get('a', async () => 'newer'), 'new')
})

test('a refusal is not kept, and a renewal that is refused ends the answer', async () => {
  const clock = moving()
  const kept = createFreshness<string>(clock)
  const refuse = () => Promise.reject(new Error('revoked'))
  await assert.rejects(kept.get('a', refuse))
  assert.equal(await kept.get('a', async () => 'ok'), 'ok')
  clock.move(1_200)
  assert.equal(await kept.get('a', refuse), 'ok')
  await settle()
  await assert.rejects(kept.get('a', refuse))
})
