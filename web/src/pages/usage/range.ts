import type { UsageRange } from '../../api/usage.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { perLanguage } from '../../texts/language.ts'

export const presets = [
  { value: '24h', label: '24 hours', hours: 24 },
  { value: '7d', label: '7 days', hours: 7 * 24 },
  { value: '30d', label: '30 days', hours: 30 * 24 },
  { value: '90d', label: '90 days', hours: 90 * 24 },
] as const satisfies { value: string; label: PlainText; hours: number }[]

export type Preset = (typeof presets)[number]['value'] | 'custom'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** The range of a preset, up to now. Days and hours are counted in UTC, as the ledger counts them. */
export function presetRange(preset: Exclude<Preset, 'custom'>, now: number): UsageRange {
  const { hours } = presets.find(({ value }) => value === preset)!
  const unit = unitOf(hours)
  const end = Math.floor(now / unit) * unit + unit
  return { from: iso(end - hours * hourMs), to: iso(end) }
}

/** Whole days, both included; null while one is missing or they are the wrong way round. */
export function customRange(from: string | null, to: string | null): UsageRange | null {
  const start = Date.parse(`${from}T00:00:00Z`)
  const end = Date.parse(`${to}T00:00:00Z`) + dayMs
  if (Number.isNaN(start) || Number.isNaN(end) || end <= start) return null
  return { from: iso(start), to: iso(end) }
}

/** Hours for up to two days, days above. */
export function bucketOf(range: UsageRange): 'hour' | 'day' {
  const hours = (Date.parse(range.to) - Date.parse(range.from)) / hourMs
  return unitOf(hours) === hourMs ? 'hour' : 'day'
}

/** The start of each bucket of the range, so that empty ones are shown as empty. */
export function bucketStarts(range: UsageRange): string[] {
  const size = bucketOf(range) === 'hour' ? hourMs : dayMs
  const starts: string[] = []
  for (let at = Date.parse(range.from); at < Date.parse(range.to); at += size) starts.push(iso(at))
  return starts
}

/** The part of a time that names its bucket, whichever form the server writes it in. */
export function bucketKey(time: string, bucket: 'hour' | 'day'): string {
  return time.replace(' ', 'T').slice(0, bucket === 'hour' ? 13 : 10)
}

const dayLabel = perLanguage(
  (locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
)

export function bucketLabel(start: string, bucket: 'hour' | 'day'): string {
  return bucket === 'hour' ? `${start.slice(11, 13)}:00` : dayLabel().format(new Date(start))
}

const unitOf = (hours: number) => (hours <= 48 ? hourMs : dayMs)
const iso = (time: number) => new Date(time).toISOString()
