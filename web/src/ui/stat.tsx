import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { classes } from './classes.ts'
import { Skeleton } from './skeleton.tsx'

/** One number with its name; `to` leads to where the number comes from. */
export function Stat({
  label,
  value,
  note,
  to,
}: {
  label: string
  value: ReactNode
  note?: ReactNode
  to?: string | undefined
}) {
  return (
    <div
      className={classes('relative min-w-0 px-4 py-3', to && 'transition-colors hover:bg-canvas!')}
    >
      <dt className="text-xs text-ink-3">{label}</dt>
      <dd className="tabular mt-0.5 text-lg leading-7 font-semibold tracking-tight text-ink">
        {to && value !== undefined ? (
          <Link href={to} className="after:absolute after:inset-0 after:outline-offset-[-2px]">
            {value}
          </Link>
        ) : (
          (value ?? <Skeleton className="my-1.5 h-5 w-16" />)
        )}
      </dd>
      {note && <dd className="text-xs text-ink-3">{note}</dd>}
    </div>
  )
}

/** Stats side by side in one frame, divided by hairlines. */
export function StatRow({ children, label }: { children: ReactNode; label: string }) {
  return (
    <dl
      aria-label={label}
      className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line shadow-lift *:bg-surface sm:grid-cols-3 xl:grid-cols-6"
    >
      {children}
    </dl>
  )
}
