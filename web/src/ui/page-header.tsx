import { type ReactNode, useEffect } from 'react'
import type { ShownCall } from '../api/curl.ts'
import { classes } from './classes.ts'
import { PageCalls } from './page-calls.tsx'

/** The heading of a page; also names the browser tab. */
export function PageHeader({
  title,
  description,
  actions,
  back,
  calls = [],
}: {
  title: string
  description?: ReactNode
  actions?: ReactNode
  back?: ReactNode
  /** What the page can do besides reading; it knows the calls of its reads by itself. */
  calls?: readonly ShownCall[]
}) {
  useEffect(() => {
    document.title = `${title} · Bastide`
  }, [title])
  return (
    <header className="relative mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        {back}
        <h1 className="truncate max-sm:min-h-10 max-sm:pr-12 text-xl font-semibold tracking-tight text-ink">
          {title}
        </h1>
        {description && (
          <div className="mt-0.5 max-w-2xl text-pretty text-ink-2">{description}</div>
        )}
      </div>
      <div className={classes('flex flex-wrap items-center gap-2', !actions && 'max-sm:contents')}>
        {actions}
        {/* On a phone beside the heading, where it takes no line of its own. */}
        <div className="max-sm:absolute max-sm:top-0 max-sm:right-0">
          <PageCalls more={calls} />
        </div>
      </div>
    </header>
  )
}
