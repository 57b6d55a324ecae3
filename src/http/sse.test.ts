import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SseEvent, sseResponse } from './sse.ts'

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

test('a source that fails leaves no timer behind', async () => {
  async function* failing(): AsyncGenerator<SseEvent, void, undefined> {
    yield { data: 'first' }
    throw new Error('the source failed')
  }
  const before = timers()
  await assert.rejects(sseResponse(failing()).text(), /the source failed/)
  assert.equal(timers(), before)
})
