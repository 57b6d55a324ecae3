import type { Overview } from '../../api/overview.ts'
import {
  formatCompact,
  formatCount,
  formatEuros,
  formatGrams,
  formatJoules,
  formatWattHours,
} from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { SourceLabel, sourcedText } from '../../ui/sourced.tsx'
import { Stat, StatRow } from '../../ui/stat.tsx'

const ledger = '/usage/entries'

/** Today's sums. Each leads to the ledger entries it is the sum of. */
export function TodayStats({ overview: { requests, today } }: { overview: Overview }) {
  const source = today.joules_source
  return (
    <StatRow label={t('Today')}>
      <Stat
        label={t('Running now')}
        value={formatCount(requests.active)}
        note={
          requests.queued === 0
            ? t('none waiting')
            : t('{count} waiting', { count: formatCount(requests.queued) })
        }
      />
      <Stat
        label={t('Requests today')}
        value={formatCompact(today.requests)}
        note={
          today.failed === 0
            ? t('none failed')
            : t('{count} failed', { count: formatCount(today.failed) })
        }
        to={ledger}
      />
      <Stat
        label={t('Tokens today')}
        value={formatCompact(today.input_tokens + today.output_tokens)}
        note={t('{out} out · {cached} cached', {
          out: formatCompact(today.output_tokens),
          cached: formatCompact(today.cached_tokens),
        })}
        to={ledger}
      />
      <Stat
        label={t('Pages read today')}
        value={formatCompact(today.pages)}
        note={t('documents')}
        to="/documents"
      />
      <Stat
        label={t('Energy today')}
        value={sourcedText(today.joules, source, formatJoules)}
        note={
          <span className="flex flex-wrap items-center gap-x-2">
            {sourcedText(today.joules, source, formatWattHours)} <SourceLabel source={source} />
          </span>
        }
        to="/usage?metric=joules"
      />
      <Stat
        label={t('Cost today')}
        value={sourcedText(today.euros, source, formatEuros)}
        note={`${sourcedText(today.grams_co2e, source, formatGrams)} CO₂e`}
        to="/usage?metric=euros"
      />
    </StatRow>
  )
}
