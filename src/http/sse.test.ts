/** A stream of events keeps its reader's pace, and does not wait for one that never reads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SseEvent, sseResponse } from './sse.ts'

/** Events as fast as they are taken; `pauseMs` lies between them. */
function source(pauseMs = 0) {
  const state = { made: 0, ended: false }
  async function* make(): AsyncGenerator<SseEvent, void, undefined> {
    try {
      for (;;) {
        if (pauseMs > 0) await sleep(pauseMs)
        state.made += 1
        yield { data: `event ${state.made}` }
      }
    } finally {
      state.ended = true
    }
  }
  return { state, events: make() }
}

const times = { keepAliveMs: 20, patienceMs: 100 }

test('a reader that never reads costs a few events, and is given up', async () => {
  const { state, events } = source()
  const response = sseResponse(events, {}, times)
  await sleep(300)
  assert.ok(state.made < 5, `${state.made} events were made for nobody`)
  assert.ok(state.ended)
  await assert.rejects(response.text(), /took nothing for too long/)
})

test('a source that is slow is no reader that is: it goes on, with signs of life', async () => {
  const { state, events } = source(250)
  const reader = sseResponse(events, {}, times).body!.getReader()
  let text = ''
  while (!text.includes('event 2')) text += Buffer.from((await reader.read()).value!).toString()
  assert.match(text, /: keep-alive/)
  assert.equal(state.ended, false)
  await reader.cancel()
  assert.ok(state.ended)
})

test('a source that always has more leaves the event loop to others', async () => {
  const { events } = source()
  const reader = sseResponse(events).body!.getReader()
  let turns = 0
  const others = setInterval(() => {
    turns += 1
  }, 0)
  for (let read = 0; read < 5_000; read++) await reader.read()
  clearInterval(others)
  await reader.cancel()
  assert.ok(turns > 5, `${turns} turns for others`)
})

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
