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
import { t } from '../../texts/translate.ts'
import { SourceLabel, sourcedText } from '../../ui/sourced.tsx'
import { Stat, StatRow } from '../../ui/stat.tsx'

export function Totals({ total }: { total: UsageSums }) {
  const source = total.joules_source
  return (
    <StatRow label={t('Totals of the range')}>
      <Stat
        label={t('Requests')}
        value={formatCompact(total.requests)}
        note={
          total.failed === 0
            ? t('none failed')
            : t('{count} failed', { count: formatCount(total.failed) })
        }
        to="/usage/entries"
      />
      <Stat
        label={t('Tokens')}
        value={formatCompact(total.input_tokens + total.output_tokens)}
        note={t('{in} in · {out} out', {
          in: formatCompact(total.input_tokens),
          out: formatCompact(total.output_tokens),
        })}
        to="/usage/entries"
      />
      <Stat
        label={t('Pages')}
        value={formatCompact(total.pages)}
        note={t('{amount} tokens cached', { amount: formatCompact(total.cached_tokens) })}
        to="/usage/entries"
      />
      <Stat
        label={t('Model time')}
        value={formatSeconds(total.run_seconds)}
        note={t('{time} waiting', { time: formatSeconds(total.queue_seconds) })}
        to="/usage/entries"
      />
      <Stat
        label={t('Energy')}
        value={sourcedText(total.joules, source, formatJoules)}
        note={
          <span className="flex flex-wrap items-center gap-x-2">
            {sourcedText(total.joules, source, formatWattHours)} <SourceLabel source={source} />
          </span>
        }
        to="/usage/entries"
      />
      <Stat
        label={t('Cost')}
        value={sourcedText(total.euros, source, formatEuros)}
        note={`${sourcedText(total.grams_co2e, source, formatGrams)} CO₂e`}
        to="/usage/entries"
      />
    </StatRow>
  )
}
