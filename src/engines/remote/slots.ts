/** Counts the calls in flight to one server and makes further ones wait their turn. */
import { AppError } from '../../errors.ts'

const waitingMax = 10_000

export class Slots {
  #inFlight = 0
  readonly #waiting = new Set<() => void>()

  /** Resolves when a call may begin; `max` is read each time, since settings can change. */
  async take(max: number, signal: AbortSignal): Promise<void> {
    if (this.#inFlight >= max) await this.#turn(signal)
    else this.#inFlight++
  }

  /** Gives the slot to the call that waited longest. */
  give(): void {
    const [next] = this.#waiting
    if (!next) this.#inFlight--
    else next()
  }

  get idle(): boolean {
    return this.#inFlight === 0
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= waitingMax) {
      throw new AppError('overloaded', 'Too many calls wait for this remote server.', {
        retryAfterSeconds: 5,
      })
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(proceed)
        signal.removeEventListener('abort', abort)
      }
      const proceed = () => {
        leave()
        resolve()
      }
      const abort = () => {
        leave()
        reject(signal.reason)
      }
      this.#waiting.add(proceed)
      signal.addEventListener('abort', abort)
    })
  }
}
