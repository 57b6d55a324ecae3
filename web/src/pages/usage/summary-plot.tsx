import { useMemo } from 'react'
import type { Usage, UsageGroup, UsageRange } from '../../api/usage.ts'
import { BarPlot, type BarSeries, seriesMax } from '../../charts/bar-plot.tsx'
import { t } from '../../texts/translate.ts'
import { SourceLabel } from '../../ui/sourced.tsx'
import { type Group, rowName } from './groups.ts'
import { metricFormat, type metricOf } from './metrics.ts'
import { bucketKey, bucketLabel, bucketOf, bucketStarts } from './range.ts'

type Metric = ReturnType<typeof metricOf>

/** The chosen metric over time, stacked by the chosen group. */
export function SummaryPlot({
  usage,
  range,
  group,
  metric,
}: {
  usage: Usage
  range: UsageRange
  group: Group
  metric: Metric
}) {
  const bucket = bucketOf(range)
  const starts = useMemo(() => bucketStarts(range), [range])
  const series = stack(usage, starts, bucket, group === 'day' ? null : group, metric)
  const source = usage.total.joules_source
  return (
    <>
      <BarPlot
        label={t(bucket === 'hour' ? '{metric} per hour' : '{metric} per day', {
          metric: t(metric.label),
        })}
        buckets={starts.map((start) => bucketLabel(start, bucket))}
        series={series}
        format={metricFormat(metric, source)}
      />
      {metric.hangsOnPower && (
        <p className="mt-2 flex justify-end">
          <SourceLabel source={source} />
        </p>
      )}
    </>
  )
}

/** One series per group, largest first; those beyond what can be told apart become "others". */
function stack(
  usage: Usage,
  starts: string[],
  bucket: 'hour' | 'day',
  group: UsageGroup | null,
  metric: Metric,
): BarSeries[] {
  const places = new Map(starts.map((start, index) => [bucketKey(start, bucket), index]))
  const series = new Map<string, number[]>()
  for (const row of usage.data) {
    const time = row[bucket]
    const place = time ? places.get(bucketKey(time, bucket)) : undefined
    if (place === undefined) continue
    const name = group ? rowName(row, group) : t(metric.label)
    const values = series.get(name) ?? new Array<number>(starts.length).fill(0)
    values[place] = (values[place] ?? 0) + metric.of(row)
    series.set(name, values)
  }
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  const ordered = [...series]
    .map(([name, values]) => ({ name, values }))
    .sort((a, b) => sum(b.values) - sum(a.values))
  if (ordered.length <= seriesMax) return ordered
  const rest = ordered.slice(seriesMax - 1)
  const others = starts.map((_, index) =>
    rest.reduce((total, { values }) => total + values[index]!, 0),
  )
  return [...ordered.slice(0, seriesMax - 1), { name: t('others'), values: others }]
}
