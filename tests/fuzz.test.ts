/**
 * Every intake of bytes, with inputs that once broke it and some seconds of new ones from a fixed seed.
 * `tests/fuzz/nightly.ts` does the same for longer.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpusOf } from './fuzz/corpus.ts'
import { fuzz } from './fuzz/driver.ts'
import { targetNames } from './fuzz/target.ts'

const milliseconds = 6_000
const seed = 20260101

for (const name of targetNames) {
  test(`${name}: what once broke it does not any more`, async () => {
    const replay = corpusOf(name).map(({ bytes }) => bytes)
    const { broken, executions } = await fuzz({ name, seed, milliseconds, replay })
    assert.deepEqual(broken, [])
    assert.equal(executions, replay.length)
  })

  test(`${name}: whatever comes is taken or refused`, async (t) => {
    const { broken, executions, perSecond, outcomes } = await fuzz({ name, seed, milliseconds })
    assert.deepEqual(broken, [])
    assert.ok(Object.keys(outcomes).length > 1, 'nothing but one outcome')
    t.diagnostic(`${executions} inputs, ${perSecond} a second`)
  })
}
