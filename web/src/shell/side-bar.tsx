import { Link } from 'wouter'
import type { Session } from '../api/session.ts'
import type { Page } from '../navigation.ts'
import { t } from '../texts/translate.ts'
import { classes } from '../ui/classes.ts'
import { Icon } from '../ui/icon.tsx'
import { Logo } from '../ui/logo.tsx'
import { AccountMenu } from './account-menu.tsx'
import { ThemeChoice } from './theme-choice.tsx'

export interface NavigationProps {
  session: Session
  pages: readonly Page[]
  current: string | undefined
  onSearch: () => void
}

export function SideBar({ session, pages, current, onSearch }: NavigationProps) {
  return (
    <div className="fixed inset-y-0 left-0 z-20 hidden w-56 flex-col border-r bg-surface lg:flex">
      <div className="flex items-center gap-2.5 px-4 pt-4 pb-3">
        <Logo />
        <div className="min-w-0">
          <p className="leading-4 font-semibold tracking-tight">Bastide</p>
          <p className="truncate text-2xs leading-4 text-ink-3">
            {session.organisation.name} / {session.workspace.name}
          </p>
        </div>
      </div>
      <div className="px-3 pb-2">
        <button
          type="button"
          onClick={onSearch}
          className="flex h-8 w-full items-center gap-2 rounded-md border bg-canvas px-2 text-xs text-ink-3 hover:border-line-strong hover:text-ink-2"
        >
          <Icon name="search" className="size-3.5!" />
          {t('Go to…')}
          <kbd className="ml-auto rounded border bg-surface px-1 font-sans text-2xs leading-4">
            {modifierKey} K
          </kbd>
        </button>
      </div>
      <nav aria-label={t('Pages')} className="min-h-0 flex-1 space-y-0.5 overflow-y-auto px-3 py-1">
        {pages.map((page) => (
          <Link
            key={page.path}
            href={page.path}
            aria-current={page.path === current ? 'page' : undefined}
            className={classes(
              'flex h-8.5 items-center gap-2.5 rounded-md px-2 font-medium transition-colors',
              page.path === current
                ? 'bg-accent-soft text-accent'
                : 'text-ink-2 hover:bg-sunken hover:text-ink',
            )}
          >
            <Icon name={page.icon} />
            {t(page.label)}
          </Link>
        ))}
      </nav>
      <div className="space-y-2 border-t p-3">
        <ThemeChoice />
        <AccountMenu session={session} />
      </div>
    </div>
  )
}

const modifierKey = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl'
