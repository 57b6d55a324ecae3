/**
 * Between a producer of events in another process or thread and the `for await` of its caller.
 * An aborted signal ends the wait at once with `cancelled`, whatever the producer does.
 */
import { AppError } from '../errors.ts'

export class EventQueue<T> implements AsyncIterable<T> {
  readonly #signal: AbortSignal
  #events: T[] = []
  #error: AppError | undefined
  #wake: (() => void) | undefined

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  push(event: T): void {
    this.#events.push(event)
    this.#wake?.()
  }

  /** What was pushed before is still delivered, then the error is thrown. */
  fail(error: AppError): void {
    this.#error ??= error
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    const wake = () => this.#wake?.()
    this.#signal.addEventListener('abort', wake)
    try {
      for (;;) {
        if (this.#signal.aborted) throw new AppError('cancelled', 'The request was cancelled.')
        const events = this.#events
        this.#events = []
        for (const event of events) {
          yield event
          if (this.#signal.aborted) throw new AppError('cancelled', 'The request was cancelled.')
        }
        if (this.#events.length > 0) continue
        if (this.#error) throw this.#error
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#wake = resolve
        if (!this.#signal.aborted) await promise
        this.#wake = undefined
      }
    } finally {
      this.#signal.removeEventListener('abort', wake)
    }
  }
}
