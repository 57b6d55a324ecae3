import type { EnergySource } from '../../api/energy.ts'
import type { UsageSums } from '../../api/usage.ts'
import { formatCompact, formatEuros, formatGrams, formatJoules } from '../../format/numbers.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { estimateSign } from '../../ui/sourced.tsx'

interface Metric {
  value: string
  label: PlainText
  of: (sums: UsageSums) => number
  format: (value: number) => string
  /** Whether the figure hangs on a power reading, and so carries its source. */
  hangsOnPower: boolean
}

export const metrics = [
  {
    value: 'requests',
    label: 'Requests',
    of: (sums) => sums.requests,
    format: formatCompact,
    hangsOnPower: false,
  },
  {
    value: 'tokens',
    label: 'Tokens',
    of: (sums) => sums.input_tokens + sums.output_tokens,
    format: formatCompact,
    hangsOnPower: false,
  },
  {
    value: 'pages',
    label: 'Pages',
    of: (sums) => sums.pages,
    format: formatCompact,
    hangsOnPower: false,
  },
  {
    value: 'joules',
    label: 'Energy',
    of: (sums) => sums.joules ?? 0,
    format: formatJoules,
    hangsOnPower: true,
  },
  {
    value: 'co2e',
    label: 'CO₂e',
    of: (sums) => sums.grams_co2e ?? 0,
    format: formatGrams,
    hangsOnPower: true,
  },
  {
    value: 'euros',
    label: 'Cost',
    of: (sums) => sums.euros,
    format: formatEuros,
    hangsOnPower: true,
  },
] as const satisfies Metric[]

export type MetricName = (typeof metrics)[number]['value']

export function metricOf(name: string | null): Metric {
  return metrics.find(({ value }) => value === name) ?? metrics[0]
}

/** A figure of the metric, with the sign of estimates where it is one. */
export function metricFormat(metric: Metric, source: EnergySource | null) {
  const sign = metric.hangsOnPower ? estimateSign(source) : ''
  return (value: number) => `${sign}${metric.format(value)}`
}
