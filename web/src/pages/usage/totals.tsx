import type { UsageSums } from '../../api/usage.ts'
import {
  formatCompact,
  formatCount,
  formatEuros,
  formatGrams,
  formatJoules,
  formatSeconds,
  formatWattHours,
} from '../../format/numbers.ts'
import { SourceLabel, sourcedText } from '../../ui/sourced.tsx'
import { Stat, StatRow } from '../../ui/stat.tsx'

export function Totals({ total }: { total: UsageSums }) {
  const source = total.joules_source
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
        value={sourcedText(total.joules, source, formatJoules)}
        note={
          <span className="flex flex-wrap items-center gap-x-2">
            {sourcedText(total.joules, source, formatWattHours)} <SourceLabel source={source} />
          </span>
        }
        to="/usage/entries"
      />
      <Stat
        label="Cost"
        value={sourcedText(total.euros, source, formatEuros)}
        note={`${sourcedText(total.grams_co2e, source, formatGrams)} CO₂e`}
        to="/usage/entries"
      />
    </StatRow>
  )
}
