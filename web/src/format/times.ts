/** Times as people read them, in the reader's own time zone. */
import { perLanguage } from '../texts/language.ts'
import { t } from '../texts/translate.ts'

const day = { day: 'numeric', month: 'short' } as const
const clock = { hour: '2-digit', minute: '2-digit' } as const

const formatter = (options: Intl.DateTimeFormatOptions) =>
  perLanguage((locale) => new Intl.DateTimeFormat(locale, options))

const dayAndTime = formatter({ ...day, year: 'numeric', ...clock })
const exact = formatter({
  ...day,
  year: 'numeric',
  ...clock,
  second: '2-digit',
  timeZoneName: 'short',
})
const thisYear = formatter({ ...day, ...clock })
const relative = perLanguage(
  (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }),
)

export function formatTime(iso: string): string {
  return dayAndTime().format(new Date(iso))
}

/** Without the year while it is this one: for narrow columns. */
export function formatShortTime(iso: string): string {
  const date = new Date(iso)
  return date.getFullYear() === new Date().getFullYear()
    ? thisYear().format(date)
    : dayAndTime().format(date)
}

/** To the second and with its zone; for tooltips and records. */
export function formatExactTime(iso: string): string {
  return exact().format(new Date(iso))
}

/** "just now", "3 min ago", "yesterday"; older than a week: the date. */
export function formatAgo(iso: string, now = Date.now()): string {
  const seconds = Math.round((new Date(iso).getTime() - now) / 1000)
  const age = Math.abs(seconds)
  if (age < 45) return t('just now')
  if (age < 3600) return relative().format(Math.round(seconds / 60), 'minute')
  if (age < 86_400) return relative().format(Math.round(seconds / 3600), 'hour')
  if (age < 7 * 86_400) return relative().format(Math.round(seconds / 86_400), 'day')
  return formatTime(iso)
}
