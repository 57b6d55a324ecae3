import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisTicks, tickLabels } from './axis-ticks.ts'

test('a tick that rounds to the next one says nothing', () => {
  const whole = (value: number) => String(Math.round(value))
  assert.deepEqual(tickLabels([0, 0.5, 1], whole), ['0', '', '1'])
  assert.deepEqual(tickLabels(axisTicks(4), whole), ['0', '1', '2', '3', '4'])
})
