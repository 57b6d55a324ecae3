import { useState } from 'react'
import { Link } from 'wouter'
import { useSignOut } from '../api/session.ts'
import { t } from '../texts/translate.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { classes } from '../ui/classes.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { Logo } from '../ui/logo.tsx'
import { LanguageChoice } from './language-choice.tsx'
import type { NavigationProps } from './side-bar.tsx'
import { ThemeChoice } from './theme-choice.tsx'

/** As many as a thumb can tell apart; the rest lies behind "More". */
const inSight = 4

/** The navigation of narrow screens: a slim bar above, the pages below within reach of a thumb. */
export function PhoneBar({ session, pages, current, onSearch }: NavigationProps) {
  const [moreOpen, setMoreOpen] = useState(false)
  const behindMore = pages.slice(inSight)
  return (
    <>
      <header className="sticky top-0 z-20 flex h-13 items-center gap-2.5 border-b bg-surface px-4 lg:hidden">
        <Logo className="size-6" />
        <span className="font-semibold tracking-tight">Bastide</span>
        <span className="min-w-0 truncate text-xs text-ink-3">{session.workspace.name}</span>
        <div className="ml-auto">
          <IconButton icon="search" label={t('Go to a page')} onClick={onSearch} />
        </div>
      </header>
      <nav
        aria-label={t('Pages')}
        className="fixed inset-x-0 bottom-0 z-20 grid auto-cols-fr grid-flow-col border-t bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
      >
        {pages.slice(0, inSight).map((page) => (
          <Link
            key={page.path}
            href={page.path}
            aria-current={page.path === current ? 'page' : undefined}
            className={barItem(page.path === current)}
          >
            <Icon name={page.icon} className="size-5!" />
            {t(page.label)}
          </Link>
        ))}
        <button
          type="button"
          onClick={() => setMoreOpen(true)}
          className={barItem(behindMore.some((page) => page.path === current))}
        >
          <Icon name="more" className="size-5!" />
          {t('More')}
        </button>
      </nav>
      {moreOpen && (
        <MoreDrawer
          session={session}
          pages={behindMore}
          current={current}
          onClose={() => setMoreOpen(false)}
        />
      )}
    </>
  )
}

function barItem(active: boolean): string {
  return classes(
    'flex h-14 min-w-0 flex-col items-center justify-center gap-0.5 text-2xs font-medium',
    'outline-offset-[-3px]',
    active ? 'text-accent' : 'text-ink-3',
  )
}

/** The pages that found no place in the bar, the account and the theme. */
function MoreDrawer({
  session,
  pages,
  current,
  onClose,
}: Omit<NavigationProps, 'onSearch'> & { onClose: () => void }) {
  const signOut = useSignOut()
  return (
    <Dialog title={t('More')} placement="bottom" onClose={onClose}>
      <div className="space-y-1">
        {pages.map((page) => (
          <Link
            key={page.path}
            href={page.path}
            onClick={onClose}
            aria-current={page.path === current ? 'page' : undefined}
            className={classes(
              'flex h-11 items-center gap-3 rounded-md px-2 font-medium',
              page.path === current ? 'bg-accent-soft text-accent' : 'hover:bg-sunken',
            )}
          >
            <Icon name={page.icon} className="size-5!" />
            {t(page.label)}
          </Link>
        ))}
      </div>
      <div className="mt-3 flex items-center justify-between gap-3 border-t pt-4">
        <p className="min-w-0 text-xs text-ink-2">
          <span className="block truncate font-medium text-ink">{session.principal.name}</span>
          <span className="block truncate">
            {t('{role} of {organisation}', {
              role: t(session.principal.role),
              organisation: session.organisation.name,
            })}
          </span>
        </p>
        <Button icon="sign-out" busy={signOut.isPending} onClick={() => signOut.mutate()}>
          {t('Sign out')}
        </Button>
      </div>
      <div className="mt-4 flex items-center justify-between gap-3">
        <span className="text-xs text-ink-2">{t('Theme')}</span>
        <ThemeChoice />
      </div>
      <div className="mt-3 flex items-center justify-between gap-3">
        <span className="text-xs text-ink-2">{t('Language')}</span>
        <LanguageChoice />
      </div>
    </Dialog>
  )
}
