import { Link } from 'wouter'
import type { EnergySource } from '../api/energy.ts'
import type { PlainText } from '../texts/catalogue.ts'
import { t } from '../texts/translate.ts'
import { classes } from './classes.ts'
import { Tooltip } from './tooltip.tsx'

/** What each source means, in the words of the energy books. */
const sources = {
  measured: {
    label: 'measured',
    short: 'meas.',
    meaning: 'Read from a power meter of this machine (RAPL, NVML).',
  },
  attributed: {
    label: 'attributed',
    short: 'attr.',
    meaning: 'This call’s share of a measured total, by the processor time it used.',
  },
  estimated: {
    label: 'estimated',
    short: 'est.',
    meaning: 'No meter on this machine: processor time multiplied by a named power model.',
  },
  mixed: {
    label: 'partly estimated',
    short: 'mixed',
    meaning: 'A sum over figures of different sources, estimates among them.',
  },
} as const satisfies Record<EnergySource, Record<'label' | 'short' | 'meaning', PlainText>>

/** Estimates never look like measurements: the sign that precedes them. */
export function estimateSign(source: EnergySource | null): string {
  return source === 'estimated' || source === 'mixed' ? '≈ ' : ''
}

/** A figure with the sign of estimates, or a dash where there is none. */
export function sourcedText(
  value: number | null,
  source: EnergySource | null,
  format: (value: number) => string,
): string {
  if (value === null) return '–'
  const text = format(value)
  // An upper bound is no estimate of the value, and reads badly behind the sign of one.
  return text.startsWith('<') ? text : `${estimateSign(source)}${text}`
}

/** A full, half or empty disc: how much of the figure was measured. */
function SourceMark({ source }: { source: EnergySource }) {
  return (
    <svg viewBox="0 0 10 10" aria-hidden="true" className="size-2 shrink-0 text-energy">
      <circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" strokeWidth="1.6" />
      {source === 'measured' && <circle cx="5" cy="5" r="4" fill="currentColor" />}
      {(source === 'attributed' || source === 'mixed') && (
        <path d="M5 1a4 4 0 0 1 0 8z" fill="currentColor" />
      )}
    </svg>
  )
}

/** Says where a figure comes from; the meaning on hover or focus. */
export function SourceLabel({
  source,
  short = false,
}: {
  source: EnergySource | null
  short?: boolean
}) {
  if (!source) return null
  const { label, short: brief, meaning } = sources[source]
  return (
    <Tooltip hint={t(meaning)}>
      <span
        tabIndex={short ? undefined : 0}
        className="inline-flex items-center gap-1 rounded text-2xs font-normal tracking-normal whitespace-nowrap text-ink-3"
      >
        <SourceMark source={source} />
        {t(short ? brief : label)}
      </span>
    </Tooltip>
  )
}

/**
 * A figure that hangs on a power reading (joules, grams, euros): with its source, and a link to the
 * bookings it is the sum of.
 */
export function Sourced({
  value,
  format,
  source,
  to,
  short = true,
  className,
}: {
  value: number | null
  format: (value: number) => string
  source: EnergySource | null
  to?: string | undefined
  short?: boolean
  className?: string
}) {
  const text = sourcedText(value, source, format)
  return (
    <span className={classes('tabular inline-flex items-baseline gap-1.5', className)}>
      {to ? (
        <Link
          href={to}
          className="rounded underline decoration-line-strong decoration-dotted underline-offset-3 hover:decoration-accent hover:decoration-solid"
        >
          {text}
        </Link>
      ) : (
        <span>{text}</span>
      )}
      <SourceLabel source={source} short={short} />
    </span>
  )
}
