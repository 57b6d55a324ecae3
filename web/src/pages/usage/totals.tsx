import type { UsageSums } from '../../api/usage.ts'
import {
  formatCompact,
  formatCount,
  formatEuros,
  formatGrams,
  formatJoules,
  formatKilowattHours,
  formatSeconds,
} from '../../format/numbers.ts'
import { estimateSign, SourceLabel } from '../../ui/sourced.tsx'
import { Stat, StatRow } from '../../ui/stat.tsx'

export function Totals({ total }: { total: UsageSums }) {
  const sign = estimateSign(total.joules_source)
  return (
    <StatRow label="Totals of the range">
      <Stat
        label="Requests"
        value={formatCompact(total.requests)}
        note={total.failed === 0 ? 'none failed' : `${formatCount(total.failed)} failed`}
        to="/usage/entries"
      />
      <Stat
        label="Tokens"
        value={formatCompact(total.input_tokens + total.output_tokens)}
        note={`${formatCompact(total.input_tokens)} in · ${formatCompact(total.output_tokens)} out`}
        to="/usage/entries"
      />
      <Stat
        label="Pages"
        value={formatCompact(total.pages)}
        note={`${formatCompact(total.cached_tokens)} tokens cached`}
        to="/usage/entries"
      />
      <Stat
        label="Model time"
        value={formatSeconds(total.run_seconds)}
        note={`${formatSeconds(total.queue_seconds)} waiting`}
        to="/usage/entries"
      />
      <Stat
        label="Energy"
        value={`${sign}${formatJoules(total.joules)}`}
        note={
          <span className="inline-flex items-center gap-2">
            {sign}
            {formatKilowattHours(total.joules)} <SourceLabel source={total.joules_source} />
          </span>
        }
        to="/usage/entries"
      />
      <Stat
        label="Electricity cost"
        value={`${sign}${formatEuros(total.euros)}`}
        note={`${sign}${formatGrams(total.grams_co2e)} CO₂e`}
        to="/usage/entries"
      />
    </StatRow>
  )
}
