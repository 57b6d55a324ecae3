import type { ReactNode } from 'react'
import { classes } from './classes.ts'

/** A framed part of a page, with an optional heading row. */
export function Card({
  title,
  note,
  actions,
  children,
  className,
  flush = false,
}: {
  title?: ReactNode
  note?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
  /** No inner margin: for tables and lists that reach the edge. */
  flush?: boolean
}) {
  return (
    <section
      className={classes(
        'min-w-0 rounded-lg border bg-surface shadow-lift',
        flush && 'overflow-hidden',
        className,
      )}
    >
      {(title || actions) && (
        <header
          className={classes(
            'flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-2.5',
            flush && 'pb-2',
          )}
        >
          <h2 className="font-semibold text-ink">{title}</h2>
          {note && <p className="text-xs text-ink-3">{note}</p>}
          {actions && (
            <div className="ml-auto flex flex-wrap items-center justify-end gap-1.5">{actions}</div>
          )}
        </header>
      )}
      {flush ? children : <div className="px-4 pt-2.5 pb-4">{children}</div>}
    </section>
  )
}
