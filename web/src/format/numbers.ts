/** Numbers as people read them. English throughout, like the rest of the console. */

const locale = 'en-GB'
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 })

export function formatCount(value: number): string {
  return whole.format(value)
}

/** 12 345 -> 12.3K; below ten thousand the number itself. */
export function formatCompact(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value)
}

/** Three significant digits, no exponent. */
function significant(value: number, digits = 3): string {
  if (value === 0) return '0'
  const size = Math.floor(Math.log10(Math.abs(value)))
  const fraction = Math.min(20, Math.max(0, digits - 1 - size))
  return new Intl.NumberFormat(locale, { maximumFractionDigits: fraction }).format(value)
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
  if (euros === 0) return '€0'
  if (euros > 0 && euros < leastEuros) return `< €${leastEuros}`
  if (Math.abs(euros) < 0.01) return `€${significant(euros, 2)}`
  return new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' }).format(euros)
}

/** Every digit that means something, however small the amount. */
export function formatEurosExactly(euros: number): string {
  return `€${significant(euros, 3)}`
}

/** Binary units, as the operating system counts memory and files. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])
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
    [86_400, 'd', 3600, 'h'],
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
