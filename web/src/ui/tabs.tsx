import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { classes } from './classes.ts'

/** Parts of a page that have addresses of their own. */
export function TabLinks({
  label,
  tabs,
  current,
}: {
  label: string
  tabs: { to: string; label: string; count?: number | undefined }[]
  current: string
}) {
  const nav = useRef<HTMLElement>(null)
  const texts = tabs.map(({ label, count }) => `${label} ${count ?? ''}`).join()
  // On a phone there may be more tabs than fit: the one that is shown is in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: counts that arrive move the tabs
  useEffect(() => {
    const shown = nav.current?.querySelector(`[href="${current}"]`)
    shown?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current, texts])
  return (
    <nav ref={nav} aria-label={label} className="mb-4 flex gap-1 overflow-x-auto border-b">
      {tabs.map((tab) => (
        <Link
          key={tab.to}
          href={tab.to}
          aria-current={tab.to === current ? 'page' : undefined}
          className={classes(
            '-mb-px flex items-center gap-1.5 border-b-2 px-2.5 pt-1 pb-2 font-medium whitespace-nowrap',
            'outline-offset-[-2px] pointer-coarse:py-2.5',
            tab.to === current
              ? 'border-accent! text-ink'
              : 'border-transparent! text-ink-2 hover:text-ink',
          )}
        >
          {tab.label}
          {tab.count !== undefined && (
            <span className="tabular rounded bg-sunken px-1 text-2xs leading-4 text-ink-2">
              {tab.count}
            </span>
          )}
        </Link>
      ))}
    </nav>
  )
}
