import { type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { Session } from '../api/session.ts'
import { pageOf, pages } from '../navigation.ts'
import { t } from '../texts/translate.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { CommandPalette } from './command-palette.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { PhoneBar } from './phone-bar.tsx'
import { SideBar } from './side-bar.tsx'

/** The frame around every page: navigation beside it on a desk, below it on a phone. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const [paletteOpen, setPaletteOpen] = useState(false)
  const [location] = useLocation()
  const main = useRef<HTMLElement>(null)
  const allowed = pages.filter((page) => session.permissions.includes(page.permission))
  const current = pageOf(location)?.path

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault()
        setPaletteOpen((open) => !open)
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])

  // A new page starts at its top, and a screen reader's next line is its heading.
  const shownPage = useRef(current)
  useEffect(() => {
    if (shownPage.current === current) return
    shownPage.current = current
    window.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [current])

  return (
    <div className="min-h-dvh lg:pl-56">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t('Skip to content')}
      </a>
      <SideBar
        session={session}
        pages={allowed}
        current={current}
        onSearch={() => setPaletteOpen(true)}
      />
      <PhoneBar
        session={session}
        pages={allowed}
        current={current}
        onSearch={() => setPaletteOpen(true)}
      />
      <main
        ref={main}
        id="main"
        tabIndex={-1}
        className="mx-auto max-w-6xl px-4 pt-5 pb-24 outline-none sm:px-6 lg:px-8 lg:pt-7 lg:pb-12 2xl:max-w-7xl"
      >
        <ErrorBoundary key={current ?? 'none'}>
          <Suspense fallback={<PageSkeleton />}>{children}</Suspense>
        </ErrorBoundary>
      </main>
      {paletteOpen && <CommandPalette pages={allowed} onClose={() => setPaletteOpen(false)} />}
    </div>
  )
}

function PageSkeleton() {
  return (
    <div role="status" aria-label={t('Loading page')} className="space-y-4">
      <Skeleton className="h-6 w-40" />
      <Skeleton className="h-20 w-full" />
      <Skeleton className="h-64 w-full" />
    </div>
  )
}
