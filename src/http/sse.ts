/** Server-sent events as a Response. The reader's pace is the writer's; a reader that leaves cancels. */
import { setImmediate } from 'node:timers/promises'

export interface SseEvent {
  event?: string
  data: string
}

/** A source that always has more would otherwise hold the event loop for as long as its reader keeps up. */
const eventsPerTurn = 64

const usualTimes = {
  keepAliveMs: 15_000,
  /** Whoever takes nothing for so long holds a model's place for nothing: its call is cancelled. */
  patienceMs: 60_000,
}

/**
 * Streams events. The source is asked for the next event only when the reader has room; when the
 * reader goes away, or stops reading, the source is returned, which cancels the call behind it.
 */
export function sseResponse(
  events: AsyncGenerator<SseEvent, void, undefined>,
  headers: Record<string, string> = {},
  times = usualTimes,
): Response {
  const encoder = new TextEncoder()
  let timer: NodeJS.Timeout | undefined
  let sent = 0
  /** When the reader last had room, or the source nothing for it. */
  let takenAt = performance.now()

  function beat(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if ((controller.desiredSize ?? 0) > 0) {
      takenAt = performance.now()
      controller.enqueue(encoder.encode(': keep-alive\n\n'))
    } else if (performance.now() - takenAt > times.patienceMs) {
      clearInterval(timer)
      controller.error(new Error('The reader took nothing for too long.'))
      void events.return()
    }
  }

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(beat, times.keepAliveMs, controller)
    },
    async pull(controller) {
      takenAt = performance.now()
      if (++sent % eventsPerTurn === 0) await setImmediate()
      const { value, done } = await events.next().catch((error) => {
        clearInterval(timer)
        throw error
      })
      if (done) {
        clearInterval(timer)
        controller.close()
        return
      }
      const name = value.event ? `event: ${value.event}\n` : ''
      controller.enqueue(encoder.encode(`${name}data: ${value.data}\n\n`))
    },
    async cancel() {
      clearInterval(timer)
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
