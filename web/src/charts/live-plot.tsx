import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import { perLanguage } from '../texts/language.ts'
import { t } from '../texts/translate.ts'
import 'uplot/dist/uPlot.min.css'
import { useTheme } from '../shell/theme.ts'
import { tickLabels } from './axis-ticks.ts'

export interface LivePlotProps {
  title: string
  /** Seconds since 1970, ascending. */
  times: number[]
  values: (number | null)[]
  /** A theme colour, such as `--accent`. */
  color: string
  /** Bars for counts per minute, a line for levels. */
  shape: 'bars' | 'line'
  format: (value: number) => string
  height?: number
}

const clock = perLanguage(
  (locale) => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }),
)

/** A small live series. The pointer reads single values; plots of one page share their cursor. */
export function LivePlot({
  title,
  times,
  values,
  color,
  shape,
  format,
  height = 96,
}: LivePlotProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef({ times, values, format })
  latest.current = { times, values, format }
  const [pointed, setPointed] = useState<number | null>(null)
  const theme = useTheme()

  useEffect(() => {
    const element = box.current
    if (!element) return
    const { times, values } = latest.current
    const options = plotOptions({
      width: element.clientWidth,
      height,
      color: themeColor(color),
      faint: themeColor('--ink-3'),
      line: themeColor('--line'),
      shape,
      format: (value) => latest.current.format(value),
      onPoint: setPointed,
    })
    const created = new uPlot(options, [times, values], element)
    plot.current = created
    const observer = new ResizeObserver(([entry]) => {
      if (entry) created.setSize({ width: Math.floor(entry.contentRect.width), height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      created.destroy()
      plot.current = null
    }
  }, [theme, color, shape, height])

  useEffect(() => {
    plot.current?.setData([times, values])
  }, [times, values])

  const index = pointed ?? times.length - 1
  const value = values[index]
  const shown = value === null || value === undefined ? '–' : format(value)
  const known = values.filter((entry) => entry !== null)
  const highest = known.length === 0 ? '–' : format(Math.max(...known))
  return (
    <figure className="min-w-0">
      <Reading title={title} time={pointed === null ? undefined : times[index]} shown={shown} />
      <div
        ref={box}
        role="img"
        aria-label={t('{title}, last hour. This minute {shown}, highest {highest}.', {
          title,
          shown,
          highest,
        })}
        className="min-w-0 overflow-hidden"
      />
    </figure>
  )
}

function Reading({
  title,
  time,
  shown,
}: {
  title: string
  time: number | undefined
  shown: string
}) {
  return (
    <figcaption className="mb-1 flex items-baseline justify-between gap-3">
      <span className="truncate text-xs text-ink-2">{title}</span>
      <span className="tabular text-xs whitespace-nowrap">
        <span className="text-ink-3">
          {time === undefined ? t('this minute') : clock().format(time * 1000)}
        </span>{' '}
        <span className="font-semibold text-ink">{shown}</span>
      </span>
    </figcaption>
  )
}

function themeColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function plotOptions(plot: {
  width: number
  height: number
  color: string
  faint: string
  line: string
  shape: 'bars' | 'line'
  format: (value: number) => string
  onPoint: (index: number | null) => void
}): uPlot.Options {
  const axis = { stroke: plot.faint, font: '11px sans-serif', ticks: { show: false } }
  return {
    width: plot.width,
    height: plot.height,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: 'live' },
      points: { show: plot.shape === 'line', size: 6 },
    },
    scales: { x: { time: true }, y: { range: (_, __, highest) => [0, niceTop(highest)] } },
    axes: [
      {
        ...axis,
        size: 20,
        gap: 3,
        space: 70,
        grid: { show: false },
        values: (_, splits) => splits.map((second) => clock().format(second * 1000)),
      },
      {
        ...axis,
        size: 52,
        gap: 4,
        grid: { stroke: plot.line, width: 1 },
        splits: (self) => {
          const top = self.scales.y?.max ?? 1
          return [0, top / 2, top]
        },
        values: (_, splits) => tickLabels(splits, plot.format),
      },
    ],
    series: [
      {},
      {
        stroke: plot.color,
        width: plot.shape === 'line' ? 1.6 : 0,
        fill: plot.shape === 'bars' ? plot.color : fade(plot.color),
        // A value between two gaps has no line to either side: a dot shows it.
        points: { show: plot.shape === 'line', size: 4, filter: lonelyPoints },
        ...(plot.shape === 'bars'
          ? { paths: uPlot.paths.bars!({ size: [0.65, 12], radius: 0.2 }) }
          : {}),
      },
    ],
    hooks: { setCursor: [(self) => plot.onPoint(self.cursor.idx ?? null)] },
  }
}

const lonelyPoints: uPlot.Series.Points.Filter = (self, series) => {
  const values = self.data[series] ?? []
  const known = (index: number) => values[index] !== null && values[index] !== undefined
  return [...values.keys()].filter(
    (index) => known(index) && !known(index - 1) && !known(index + 1),
  )
}

function fade(color: string): string {
  return color.replace(/\)$/, ' / 0.14)')
}

/** The next 1, 2 or 5 times a power of ten, so that the axis reads well. */
function niceTop(highest: number | null): number {
  if (!highest || highest <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(highest))
  const step = [1, 2, 4, 5, 10].find((factor) => factor * power >= highest) ?? 10
  return step * power
}
