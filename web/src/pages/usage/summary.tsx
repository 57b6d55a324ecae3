import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import { curlOf } from '../../api/curl.ts'
import { type UsageGroup, type UsageRange, usagePath, useUsage } from '../../api/usage.ts'
import { t } from '../../texts/translate.ts'
import { buttonClasses } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { Assumptions } from './assumptions.tsx'
import { acrossOf, groupOf, groupTexts } from './groups.ts'
import { metricOf } from './metrics.ts'
import { bucketOf, customRange, type Preset, presetRange } from './range.ts'
import { SummaryFilters } from './summary-filters.tsx'
import { SummaryPlot } from './summary-plot.tsx'
import { SummaryTable } from './summary-table.tsx'
import { Totals } from './totals.tsx'

/** Sums over a range of time: in total, over time, and by group. */
export function Summary() {
  const [search] = useSearchParams()
  const preset = (search.get('range') ?? '7d') as Preset
  const from = search.get('from')
  const to = search.get('to')
  const range = useMemo(
    () => (preset === 'custom' ? customRange(from, to) : presetRange(preset as '7d', Date.now())),
    [preset, from, to],
  )
  return (
    <div className="space-y-4">
      <SummaryFilters />
      {range ? (
        <Sums range={range} />
      ) : (
        <p className="py-10 text-center text-ink-2">{t('Choose the first and the last day.')}</p>
      )}
    </div>
  )
}

function Sums({ range }: { range: UsageRange }) {
  const [search] = useSearchParams()
  const group = groupOf(search.get('group'))
  const metric = metricOf(search.get('metric'))
  const bucket = bucketOf(range)
  const timeGroups: UsageGroup[] = group === 'day' ? [bucket] : [bucket, group]
  const across = acrossOf(search.get('across'))
  const rows = useUsage({ ...range, groups: [group === 'day' ? bucket : group], across })
  const overTime = useUsage({ ...range, groups: timeGroups, across })
  const error = rows.error ?? overTime.error
  if (error) return <ErrorNotice error={error} onRetry={() => void rows.refetch()} />
  if (!rows.data || !overTime.data) {
    return (
      <Card flush>
        <SkeletonRows rows={7} label={t('Loading usage')} />
      </Card>
    )
  }
  if (rows.data.total.requests === 0) return <NoUsage />
  return (
    <>
      <Totals total={rows.data.total} />
      <Card title={t(metric.label)} note={t(bucket === 'hour' ? 'per hour, UTC' : 'per day, UTC')}>
        <SummaryPlot usage={overTime.data} range={range} group={group} metric={metric} />
      </Card>
      <Card
        flush
        title={t(groupTexts[group === 'day' ? bucket : group].by)}
        actions={
          <a
            download
            href={usagePath({ ...range, groups: timeGroups, across }, 'csv')}
            className={buttonClasses('secondary', 'small')}
          >
            <Icon name="download" /> CSV
          </a>
        }
      >
        <SummaryTable usage={rows.data} group={group === 'day' ? bucket : group} />
      </Card>
      <Assumptions usage={rows.data} />
    </>
  )
}

const firstCall = {
  method: 'POST',
  path: '/v1/chat/completions',
  body: { model: 'assistant@production', messages: [{ role: 'user', content: 'Hello' }] },
} as const

function NoUsage() {
  return (
    <Card flush>
      <EmptyState
        icon="usage"
        title={t('Nothing was used in this time')}
        command={curlOf(firstCall, location.origin)}
      >
        {t('Choose a longer range, or make a first call:')}
      </EmptyState>
    </Card>
  )
}
