/** A benchmark's result: named figures, each with its unit, number of measurements and interval. */

export interface Figure {
  name: string
  value: number
  unit: string
  /** Measurements behind the value. */
  n: number
  /** Lowest and highest measurement for up to 5, else the middle 90 %. */
  interval: [low: number, high: number]
}

/** The median of repeated measurements. */
export function figure(name: string, unit: string, measurements: readonly number[]): Figure {
  const sorted = [...measurements].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN
  const edge = sorted.length > 5 ? 0.05 : 0
  return { name, unit, value: at(0.5), n: sorted.length, interval: [at(edge), at(1 - edge)] }
}

const shown = (value: number) =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : 'not measured'

export function printFigures(figures: readonly Figure[]): void {
  const rows = figures.map(({ name, value, unit, n, interval }) => [
    name,
    `${shown(value)} ${unit}`,
    `${shown(interval[0])} to ${shown(interval[1])}`,
    `n = ${n}`,
  ])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  for (const row of rows) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
  }
}

/** One line for programs. */
export function figuresJson(bench: string, figures: readonly Figure[], machine: string): string {
  const byName = figures.map(({ name, value, unit, n, interval }) => [
    name,
    { value: Number.isFinite(value) ? value : null, unit, n, interval },
  ])
  return JSON.stringify({ bench, machine, figures: Object.fromEntries(byName) })
}

/** Slope of y over x by least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length
  const [x, y] = [mean(points.map(([one]) => one)), mean(points.map(([, one]) => one))]
  const above = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0)
  return above / points.reduce((sum, [px]) => sum + (px - x) ** 2, 0)
}
