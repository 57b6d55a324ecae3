/** The windows limits count in; the database's `window_start` is the other half. */
import type { Span } from '../store/schema.ts'

/** When the window that contains `now` ends (UTC); null for budgets without a span. */
export function windowEnd(span: Span, now: number): Date | null {
  const at = new Date(now)
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  if (span === 'minute') return new Date(Math.floor(now / 60_000) * 60_000 + 60_000)
  if (span === 'hour') return new Date(Math.floor(now / 3_600_000) * 3_600_000 + 3_600_000)
  if (span === 'day') return new Date(Date.UTC(year, month, day + 1))
  if (span === 'month') return new Date(Date.UTC(year, month + 1, 1))
  return null
}
