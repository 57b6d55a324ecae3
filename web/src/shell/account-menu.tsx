import { type Session, useMove, useSignOut } from '../api/session.ts'
import { t } from '../texts/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { Menu, MenuDivider, MenuHeading, MenuItem } from '../ui/menu.tsx'
import { notifyError } from '../ui/toast.tsx'
import { LanguageMenu } from './language-choice.tsx'

/** Who is signed in, as what, and the way out. */
export function AccountMenu({ session }: { session: Session }) {
  const signOut = useSignOut()
  const move = useMove()
  const others = session.workspaces.filter(({ id }) => id !== session.workspace.id)
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className="flex w-full min-w-0 items-center gap-2.5 rounded-md p-1.5 text-left hover:bg-sunken"
        >
          <span className="grid size-7 shrink-0 place-items-center rounded-md bg-accent-soft text-accent">
            <Icon name="key" className="size-3.5!" />
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate text-xs font-medium">{session.principal.name}</span>
            <span className="block truncate text-2xs text-ink-3">{t(session.principal.role)}</span>
          </span>
          <Icon name="more" className="text-ink-3" />
        </button>
      }
    >
      <MenuHeading>
        {session.organisation.name} / {session.workspace.name}
      </MenuHeading>
      {others.map(({ id, name }) => (
        <MenuItem
          key={id}
          icon="chevron-right"
          onSelect={() => move.mutate(id, { onError: notifyError })}
        >
          {t('Go on in {name}', { name })}
        </MenuItem>
      ))}
      <MenuDivider />
      <LanguageMenu />
      <MenuDivider />
      <MenuItem icon="code" onSelect={() => window.open('/reference', '_blank', 'noopener')}>
        {t('API reference')}
      </MenuItem>
      <MenuItem
        icon="sign-out"
        onSelect={() => signOut.mutate(undefined, { onError: notifyError })}
      >
        {t('Sign out')}
      </MenuItem>
    </Menu>
  )
}
