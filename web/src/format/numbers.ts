/** Numbers as people read them, in the language of the console. */
import { perLanguage } from '../texts/language.ts'
import { t } from '../texts/translate.ts'

const formatter = (options: Intl.NumberFormatOptions) =>
  perLanguage((locale) => new Intl.NumberFormat(locale, options))

const whole = formatter({ maximumFractionDigits: 0 })
const compact = formatter({ notation: 'compact', maximumFractionDigits: 1 })
const rate = formatter({ minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** With at most so many digits behind the point; made once, as tables ask for the same ones. */
const decimals = Array.from({ length: 21 }, (_, digits) =>
  formatter({ maximumFractionDigits: digits }),
)
const cents = formatter({ style: 'currency', currency: 'EUR' })
const euroDecimals = Array.from({ length: 21 }, (_, digits) =>
  formatter({
    style: 'currency',
    currency: 'EUR',
    minimumFractionDigits: 0,
    maximumFractionDigits: digits,
  }),
)

export function formatCount(value: number): string {
  return whole().format(value)
}

/** A number as it was set, with all its digits. */
export function formatNumber(value: number): string {
  return decimals[20]!().format(value)
}

/** So many per second, with one digit behind the point. */
export function formatRate(value: number): string {
  return rate().format(value)
}

/** 12 345 -> 12.3K; below ten thousand the number itself. */
export function formatCompact(value: number): string {
  return Math.abs(value) < 10_000 ? whole().format(value) : compact().format(value)
}

/** Digits behind the point that leave so many significant ones; no exponent. */
function fractionFor(value: number, digits: number): number {
  if (value === 0) return 0
  const size = Math.floor(Math.log10(Math.abs(value)))
  return Math.min(20, Math.max(0, digits - 1 - size))
}

function significant(value: number, digits = 3): string {
  return decimals[fractionFor(value, digits)]!().format(value)
}

function significantEuros(value: number, digits: number): string {
  return euroDecimals[fractionFor(value, digits)]!().format(value)
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let index = 0
  let rest = value
  while (Math.abs(rest) >= step && index < units.length - 1) {
    rest /= step
    index += 1
  }
  return `${significant(rest)} ${units[index]}`
}

export function formatJoules(joules: number): string {
  return scaled(joules, 1000, ['J', 'kJ', 'MJ', 'GJ'])
}

/** The same energy as electricity bills count it. */
export function formatWattHours(joules: number): string {
  return scaled((joules / 3600) * 1000, 1000, ['mWh', 'Wh', 'kWh', 'MWh'])
}

export function formatGrams(grams: number): string {
  if (grams !== 0 && grams < 0.001) return `${significant(grams * 1e6, 2)} µg`
  if (grams !== 0 && grams < 1) return `${significant(grams * 1000, 2)} mg`
  return scaled(grams, 1000, ['g', 'kg', 't'])
}

/** A single call may cost less than this; then the order of magnitude says enough. */
const leastEuros = 0.0001

/** Cents from one cent up; smaller amounts with two significant digits, so that they are not zero. */
export function formatEuros(euros: number): string {
  if (euros === 0) return significantEuros(0, 1)
  if (euros > 0 && euros < leastEuros) return `< ${significantEuros(leastEuros, 1)}`
  if (Math.abs(euros) < 0.01) return significantEuros(euros, 2)
  return cents().format(euros)
}

/** Every digit that means something, however small the amount. */
export function formatEurosExactly(euros: number): string {
  return significantEuros(euros, 3)
}

/** Binary units, as the operating system counts memory and files. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, t('B KiB MiB GiB TiB').split(' '))
}

/** 0.931 -> 93 %; null -> an en dash. Never rounds up to 100 %. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined) return '–'
  const percent = share * 100
  return `${share < 1 ? Math.min(99, Math.round(percent)) : 100} %`
}

/** Seconds as the largest two units that matter: 0.35 s, 12.4 s, 3 min 20 s, 2 h 5 min, 4 d 3 h. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${significant(seconds)} s`
  const steps: [number, string, number, string][] = [
    [60, 'min', 1, 's'],
    [3600, 'h', 60, 'min'],
    [86_400, t('d'), 3600, 'h'],
  ]
  const step = steps.findLast(([size]) => seconds >= size)!
  const [size, unit, smallSize, smallUnit] = step
  const large = Math.floor(seconds / size)
  const small = Math.floor((seconds - large * size) / smallSize)
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`
}

export function formatMilliseconds(milliseconds: number): string {
  return formatSeconds(milliseconds / 1000)
}
