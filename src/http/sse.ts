/** Server-sent events as a Response. The reader's pace is the writer's; a reader that leaves cancels. */

import { setImmediate } from 'node:timers/promises'

export interface SseEvent {
  event?: string
  data: string
}

const keepAliveMs = 15_000
/** A source that always has more would otherwise hold the event loop for as long as its reader keeps up. */
const eventsPerTurn = 64

/**
 * Streams events. The source is asked for the next event only when the reader has room; when the
 * reader goes away the source is returned, which cancels the call behind it.
 */
export function sseResponse(
  events: AsyncGenerator<SseEvent, void, undefined>,
  headers: Record<string, string> = {},
): Response {
  const encoder = new TextEncoder()
  let keepAlive: NodeJS.Timeout | undefined
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      keepAlive = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0)
          controller.enqueue(encoder.encode(': keep-alive\n\n'))
      }, keepAliveMs)
    },
    async pull(controller) {
      if (++sent % eventsPerTurn === 0) await setImmediate()
      const { value, done } = await events.next().catch((error) => {
        clearInterval(keepAlive)
        throw error
      })
      if (done) {
        clearInterval(keepAlive)
        controller.close()
        return
      }
      const name = value.event ? `event: ${value.event}\n` : ''
      controller.enqueue(encoder.encode(`${name}data: ${value.data}\n\n`))
    },
    async cancel() {
      clearInterval(keepAlive)
      await events.return()
    },
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...headers,
    },
  })
}
