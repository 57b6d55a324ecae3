/** Round ticks from 0 to at least `highest`: four to six of them, 1, 2 or 5 times a power of ten apart. */
export function axisTicks(highest: number): number[] {
  if (!(highest > 0)) return [0, 1]
  const rough = highest / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999)!
  const count = Math.ceil(highest / step - 1e-9)
  return Array.from({ length: count + 1 }, (_, index) => index * step)
}

/** What stands beside the ticks. One that rounds to what the next says stays empty: half a request is none. */
export function tickLabels(ticks: number[], format: (value: number) => string): string[] {
  const labels = ticks.map((tick) => (tick === 0 ? '0' : format(tick)))
  return labels.map((label, index) => (label === labels[index + 1] ? '' : label))
}
