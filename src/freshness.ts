/**
 * Answers kept for a moment, so that what every call asks is not asked of the database each time. For
 * a second an answer is given as it is; in the second after that it is still given while a new one is
 * fetched behind it, so that no caller waits; older than that it is never given. A change made by
 * another server is thus seen within two seconds, and one made here, by `forget`, at once.
 */
import type { Clock } from './clock.ts'

const freshMs = 1_000
const staleMs = 2_000

export interface Freshness<T> {
  get(slot: string, load: () => Promise<T>): Promise<T>
  forget(): void
}

interface Entry<T> {
  answer: Promise<T>
  /** Monotonic; when it was asked for. */
  askedAt: number
  refreshing: boolean
}

export function createFreshness<T>(
  clock: Pick<Clock, 'monotonic'>,
  entriesMax = 10_000,
): Freshness<T> {
  const entries = new Map<string, Entry<T>>()

  function ask(slot: string, load: () => Promise<T>): Promise<T> {
    if (entries.size >= entriesMax) entries.clear()
    const entry: Entry<T> = { answer: load(), askedAt: clock.monotonic(), refreshing: false }
    entries.set(slot, entry)
    // A refusal or failure is not kept: whoever asks next asks anew.
    entry.answer.catch(() => {
      if (entries.get(slot) === entry) entries.delete(slot)
    })
    return entry.answer
  }

  function refresh(slot: string, entry: Entry<T>, load: () => Promise<T>): void {
    entry.refreshing = true
    const askedAt = clock.monotonic()
    const answer = load()
    // Only where nothing was forgotten or asked anew meanwhile.
    const replace = (next: Entry<T> | null) => {
      if (entries.get(slot) !== entry) return
      if (next) entries.set(slot, next)
      else entries.delete(slot)
    }
    answer.then(
      () => replace({ answer, askedAt, refreshing: false }),
      () => replace(null),
    )
  }

  return {
    get(slot, load) {
      const entry = entries.get(slot)
      const ageMs = entry ? clock.monotonic() - entry.askedAt : Number.POSITIVE_INFINITY
      if (!entry || ageMs >= staleMs) return ask(slot, load)
      if (ageMs >= freshMs && !entry.refreshing) refresh(slot, entry, load)
      return entry.answer
    },
    forget: () => entries.clear(),
  }
}
