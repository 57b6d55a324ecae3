import type { Overview } from '../../api/overview.ts'
import {
  formatCompact,
  formatCount,
  formatEuros,
  formatGrams,
  formatJoules,
  formatWattHours,
} from '../../format/numbers.ts'
import { SourceLabel, sourcedText } from '../../ui/sourced.tsx'
import { Stat, StatRow } from '../../ui/stat.tsx'

const ledger = '/usage/entries'

/** Today's sums. Each leads to the ledger entries it is the sum of. */
export function TodayStats({ overview: { requests, today } }: { overview: Overview }) {
  const source = today.joules_source
  return (
    <StatRow label="Today">
      <Stat
        label="Running now"
        value={formatCount(requests.active)}
        note={requests.queued === 0 ? 'none waiting' : `${formatCount(requests.queued)} waiting`}
      />
      <Stat
        label="Requests today"
        value={formatCompact(today.requests)}
        note={today.failed === 0 ? 'none failed' : `${formatCount(today.failed)} failed`}
        to={ledger}
      />
      <Stat
        label="Tokens today"
        value={formatCompact(today.input_tokens + today.output_tokens)}
        note={`${formatCompact(today.output_tokens)} out · ${formatCompact(today.cached_tokens)} cached`}
        to={ledger}
      />
      <Stat
        label="Pages read today"
        value={formatCompact(today.pages)}
        note="documents"
        to="/documents"
      />
      <Stat
        label="Energy today"
        value={sourcedText(today.joules, source, formatJoules)}
        note={
          <span className="flex flex-wrap items-center gap-x-2">
            {sourcedText(today.joules, source, formatWattHours)} <SourceLabel source={source} />
          </span>
        }
        to="/usage?metric=joules"
      />
      <Stat
        label="Cost today"
        value={sourcedText(today.euros, source, formatEuros)}
        note={`${sourcedText(today.grams_co2e, source, formatGrams)} CO₂e`}
        to="/usage?metric=euros"
      />
    </StatRow>
  )
}
