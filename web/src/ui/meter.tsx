import { classes } from './classes.ts'

const fills = {
  accent: 'bg-accent',
  energy: 'bg-energy',
  bad: 'bg-bad',
  ok: 'bg-ok',
} as const

/** How full something is, 0 to 1. `second` is a further share, drawn paler after the first. */
export function Meter({
  label,
  share,
  second = 0,
  tone = 'accent',
  text,
}: {
  label: string
  share: number
  second?: number
  tone?: keyof typeof fills
  /** What a screen reader says instead of a percentage. */
  text?: string
}) {
  const first = Math.min(1, Math.max(0, share))
  const rest = Math.min(1 - first, Math.max(0, second))
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> cannot be styled alike everywhere
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(first * 100)}
      aria-valuetext={text}
      className="flex h-1.5 w-full overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={classes('transition-[width] duration-300', fills[tone])}
        style={{ width: `${first * 100}%` }}
      />
      <div
        className={classes('opacity-40 transition-[width] duration-300', fills[tone])}
        style={{ width: `${rest * 100}%` }}
      />
    </div>
  )
}

/** How far some work has come; without a share it is under way but cannot tell. */
export function ProgressBar({ label, share }: { label: string; share: number | null }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.round(share * 100)}
      className="h-1.5 w-full overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={classes(
          'h-full rounded-full bg-accent transition-[width] duration-500',
          share === null && 'w-1/4 animate-shimmer',
        )}
        style={share === null ? {} : { width: share > 0 ? `${Math.max(share * 100, 2)}%` : 0 }}
      />
    </div>
  )
}
