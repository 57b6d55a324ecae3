/** How large a step may be, over a training. */

export interface ScheduleOptions {
  kind: 'constant' | 'linear' | 'cosine'
  /** The largest rate. */
  rate: number
  steps: number
  /** Share of the steps over which the rate grows from nothing. */
  warmUp?: number
}

/** The rate of a step, from 0 up: grows, then falls to nothing (cosine: Loshchilov and Hutter, arXiv 1608.03983). */
export function rateAt(
  { kind, rate, steps, warmUp = 0.05 }: ScheduleOptions,
  step: number,
): number {
  const growing = warmUp * steps
  if (step < growing) return (rate * (step + 1)) / growing
  if (kind === 'constant') return rate
  const share = Math.min(1, (step - growing) / Math.max(1, steps - growing))
  return kind === 'linear' ? rate * (1 - share) : (rate * (1 + Math.cos(Math.PI * share))) / 2
}
