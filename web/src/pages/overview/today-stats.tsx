import type { Overview } from '../../api/overview.ts'
import {
  formatCompact,
  formatCount,
  formatEuros,
  formatGrams,
  formatJoules,
  formatKilowattHours,
} from '../../format/numbers.ts'
import { estimateSign, SourceLabel } from '../../ui/sourced.tsx'
import { Stat, StatRow } from '../../ui/stat.tsx'

const ledger = '/usage/entries'

/** Today's sums. Each leads to the ledger entries it is the sum of. */
export function TodayStats({ overview: { requests, today } }: { overview: Overview }) {
  const sign = estimateSign(today.joules_source)
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
        value={`${sign}${formatJoules(today.joules)}`}
        note={
          <span className="inline-flex items-center gap-2">
            {sign}
            {formatKilowattHours(today.joules)} <SourceLabel source={today.joules_source} />
          </span>
        }
        to="/usage?metric=joules"
      />
      <Stat
        label="Electricity cost today"
        value={`${sign}${formatEuros(today.euros)}`}
        note={`${sign}${formatGrams(today.grams_co2e)} CO₂e`}
        to="/usage?metric=euros"
      />
    </StatRow>
  )
}
