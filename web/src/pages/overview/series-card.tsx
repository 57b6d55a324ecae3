import type { Overview } from '../../api/overview.ts'
import { LivePlot } from '../../charts/live-plot.tsx'
import { formatCompact, formatJoules, formatMilliseconds } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Card } from '../../ui/card.tsx'
import { estimateSign, SourceLabel } from '../../ui/sourced.tsx'

/** The last hour, minute by minute. */
export function SeriesCard({ overview: { series, requests, today } }: { overview: Overview }) {
  const sign = estimateSign(today.joules_source)
  const completed = t('{count} completed in the last minute', {
    count: requests.completed_last_minute,
  })
  const failed = t('{count} failed', { count: requests.failed_last_minute })
  return (
    <Card
      title={t('Last hour')}
      note={requests.failed_last_minute === 0 ? completed : `${completed} · ${failed}`}
      actions={<SourceLabel source={today.joules_source} />}
    >
      <div className="grid gap-x-6 gap-y-4 md:grid-cols-2 xl:grid-cols-3">
        <LivePlot
          title={t('Requests per minute')}
          times={series.minutes}
          values={series.requests}
          color="--accent"
          shape="bars"
          format={formatCompact}
        />
        <LivePlot
          title={t('Energy per minute')}
          times={series.minutes}
          values={series.joules}
          color="--energy"
          shape="line"
          format={(value) => `${sign}${formatJoules(value)}`}
        />
        <LivePlot
          title={t('95 % of requests take at most')}
          times={series.minutes}
          values={series.p95_ms}
          color="--ink-3"
          shape="line"
          format={formatMilliseconds}
        />
      </div>
    </Card>
  )
}
