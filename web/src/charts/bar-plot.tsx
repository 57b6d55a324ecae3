import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { t } from '../texts/translate.ts'
import { classes } from '../ui/classes.ts'
import { axisTicks, tickLabels } from './axis-ticks.ts'

export interface BarSeries {
  name: string
  /** One value per bucket. */
  values: number[]
}

/** As many parts of a bar as an eye tells apart; the caller sums the rest up. */
export const seriesMax = 6
const fills = [
  'fill-series-1 bg-series-1',
  'fill-series-2 bg-series-2',
  'fill-series-3 bg-series-3',
  'fill-series-4 bg-series-4',
  'fill-series-5 bg-series-5',
  'fill-series-6 bg-series-6',
]
const height = 220
const left = 60
const bottom = 22
const top = 8

/** Stacked bars over time. Pointer or arrow keys read one bucket; the legend shows its values. */
export function BarPlot({
  label,
  buckets,
  series,
  format,
}: {
  label: string
  buckets: string[]
  series: BarSeries[]
  format: (value: number) => string
}) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const [pointed, setPointed] = useState<number | null>(null)
  const totals = totalsOf(buckets, series)
  const step = stepOf(width, buckets)

  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by) {
      event.preventDefault()
      const from = pointed ?? (by === 1 ? -1 : buckets.length)
      setPointed(Math.min(buckets.length - 1, Math.max(0, from + by)))
    } else if (event.key === 'Escape') setPointed(null)
  }

  return (
    <figure>
      <Legend
        heading={pointed === null ? t('Whole range') : buckets[pointed]!}
        entries={series.map(({ name, values }) => ({
          name,
          text: format(pointed === null ? sum(values) : (values[pointed] ?? 0)),
        }))}
        total={format(pointed === null ? sum(totals) : totals[pointed]!)}
      />
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={t('{label}. Arrow keys read single bars.', { label })}
        aria-valuemin={0}
        aria-valuemax={buckets.length - 1}
        aria-valuenow={pointed ?? 0}
        aria-valuetext={
          pointed === null ? undefined : `${buckets[pointed]}: ${format(totals[pointed]!)}`
        }
        onKeyDown={onKeyDown}
        onBlur={() => setPointed(null)}
        onPointerLeave={() => setPointed(null)}
        onPointerMove={(event) => {
          const x = event.clientX - event.currentTarget.getBoundingClientRect().left - left
          const index = Math.floor(x / step)
          setPointed(index >= 0 && index < buckets.length ? index : null)
        }}
        className="mt-3 rounded"
      >
        <Drawing
          width={width}
          buckets={buckets}
          series={series}
          pointed={pointed}
          format={format}
        />
      </div>
    </figure>
  )
}

/** Width of one bucket in pixels. */
const stepOf = (width: number, buckets: string[]) =>
  Math.max(1, (width - left) / Math.max(1, buckets.length))

const totalsOf = (buckets: string[], series: BarSeries[]) =>
  buckets.map((_, index) => series.reduce((total, { values }) => total + (values[index] ?? 0), 0))

function Drawing({
  width,
  buckets,
  series,
  pointed,
  format,
}: {
  width: number
  buckets: string[]
  series: BarSeries[]
  pointed: number | null
  format: (value: number) => string
}) {
  const ticks = axisTicks(Math.max(...totalsOf(buckets, series), 0))
  const labels = tickLabels(ticks, format)
  const highest = ticks.at(-1)!
  const step = stepOf(width, buckets)
  const y = (value: number) => top + (height - top - bottom) * (1 - value / highest)
  return (
    <svg width={width} height={height} aria-hidden="true" className="block">
      {ticks.map((tick, index) => (
        <g key={tick}>
          <path d={`M${left} ${y(tick)}H${width}`} className="stroke-line" />
          <text
            x={left - 8}
            y={y(tick) + 4}
            textAnchor="end"
            className="tabular fill-ink-3 text-2xs"
          >
            {labels[index]}
          </text>
        </g>
      ))}
      {buckets.map((_, index) => (
        <g key={index} className={classes(pointed !== null && pointed !== index && 'opacity-45')}>
          <Bar x={left + index * step} step={step} index={index} series={series} y={y} />
        </g>
      ))}
      <BucketLabels buckets={buckets} step={step} />
    </svg>
  )
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

function Bar({
  x,
  step,
  index,
  series,
  y,
}: {
  x: number
  step: number
  index: number
  series: BarSeries[]
  y: (value: number) => number
}) {
  const width = Math.min(44, Math.max(1, step * 0.7))
  let below = 0
  return series.map(({ name, values }, place) => {
    const value = values[index] ?? 0
    const from = y(below)
    below += value
    const to = y(below)
    if (value <= 0) return null
    return (
      <rect
        key={name}
        x={x + (step - width) / 2}
        y={to}
        width={width}
        height={Math.max(0.5, from - to)}
        className={fills[place]}
      />
    )
  })
}

/** Every bucket where there is room, else every second, third … */
function BucketLabels({ buckets, step }: { buckets: string[]; step: number }) {
  const every = Math.max(1, Math.ceil(56 / step))
  return buckets.map((bucket, index) =>
    index % every === 0 ? (
      <text
        key={index}
        x={left + (index + 0.5) * step}
        y={height - 5}
        textAnchor="middle"
        className="tabular fill-ink-3 text-2xs"
      >
        {bucket}
      </text>
    ) : null,
  )
}

function Legend({
  heading,
  entries,
  total,
}: {
  heading: string
  entries: { name: string; text: string }[]
  total: string
}) {
  return (
    <figcaption aria-live="polite" className="tabular flex flex-wrap gap-x-4 gap-y-1 text-xs">
      <span className="min-w-24 text-ink-3">{heading}</span>
      {entries.length > 1 &&
        entries.map((entry, index) => (
          <span key={entry.name} className="inline-flex min-w-0 items-center gap-1.5">
            <span aria-hidden="true" className={classes('size-2.5 rounded-xs', fills[index])} />
            <span className="truncate text-ink-2">{entry.name}</span>
            <span className="font-medium">{entry.text}</span>
          </span>
        ))}
      <span>
        {entries.length > 1 && <span className="text-ink-2">{t('all')} </span>}
        <span className="font-semibold">{total}</span>
      </span>
    </figcaption>
  )
}

function useWidth(box: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = box.current
    if (!element) return
    setWidth(element.clientWidth)
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width))
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return width
}
