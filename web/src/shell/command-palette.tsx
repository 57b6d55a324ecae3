import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { chatModels, useModels } from '../api/models.ts'
import { usePermission, useSignOut } from '../api/session.ts'
import type { Page } from '../navigation.ts'
import { classes } from '../ui/classes.ts'
import { Icon, type IconName } from '../ui/icon.tsx'
import { setThemeChoice } from './theme.ts'

interface Command {
  id: string
  group: 'Pages' | 'Chat with' | 'Actions'
  label: string
  icon: IconName
  keywords: string
  run: () => void
}

/** Jump to a page, a model or an action by typing a few letters of it. */
export function CommandPalette({
  pages,
  onClose,
}: {
  pages: readonly Page[]
  onClose: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const [selected, setSelected] = useState(0)
  const listId = useId()
  const commands = useCommands(pages)
  const found = useMemo(() => search(commands, text), [commands, text])
  const active = found[Math.min(selected, found.length - 1)]

  useEffect(() => {
    if (dialog.current && !dialog.current.open) dialog.current.showModal()
  }, [])
  useEffect(() => {
    if (active)
      document.getElementById(`${listId}-${active.id}`)?.scrollIntoView({ block: 'nearest' })
  }, [active, listId])

  const choose = (command: Command | undefined) => {
    if (!command) return
    dialog.current?.close()
    command.run()
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && found.length > 0) {
      event.preventDefault()
      setSelected(
        (index) => (Math.min(index, found.length - 1) + step + found.length) % found.length,
      )
    } else if (event.key === 'Enter') {
      event.preventDefault()
      choose(active)
    }
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; the click is the backdrop's
    <dialog
      ref={dialog}
      aria-label="Go to"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
      className="mx-auto mt-[12vh] w-[min(36rem,calc(100vw-1.5rem))] overflow-hidden rounded-xl border bg-surface p-0 text-ink shadow-float"
    >
      <div className="flex items-center gap-2.5 border-b px-4">
        <Icon name="search" className="text-ink-3" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={active && `${listId}-${active.id}`}
          aria-label="Page, model or action"
          placeholder="Page, model or action"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setSelected(0)
          }}
          onKeyDown={onKeyDown}
          className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-ink-3"
        />
        <kbd className="rounded border bg-canvas px-1.5 text-2xs text-ink-3">Esc</kbd>
      </div>
      <CommandList id={listId} commands={found} active={active} onChoose={choose} />
    </dialog>
  )
}

function CommandList({
  id,
  commands,
  active,
  onChoose,
}: {
  id: string
  commands: Command[]
  active: Command | undefined
  onChoose: (command: Command) => void
}) {
  return (
    <div id={id} role="listbox" aria-label="Results" className="max-h-[50vh] overflow-y-auto p-1.5">
      {commands.length === 0 && (
        <p className="px-3 py-6 text-center text-ink-3">Nothing by that name.</p>
      )}
      {commands.map((command, index) => (
        <div key={command.id}>
          {commands[index - 1]?.group !== command.group && (
            <p aria-hidden="true" className="px-2.5 pt-2 pb-1 text-2xs text-ink-3">
              {command.group}
            </p>
          )}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox */}
          <div
            id={`${id}-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={command === active}
            onClick={() => onChoose(command)}
            className={classes(
              'flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5',
              command === active ? 'bg-accent-soft text-accent' : 'hover:bg-sunken',
            )}
          >
            <Icon name={command.icon} className="opacity-80" />
            <span className="truncate">{command.label}</span>
          </div>
        </div>
      ))}
    </div>
  )
}

function useCommands(pages: readonly Page[]): Command[] {
  const [, navigate] = useLocation()
  const signOut = useSignOut()
  const mayChat = usePermission('inference:use')
  const { data: models = [] } = useModels()
  const go = (path: string) => () => navigate(path)
  const action = (label: string, icon: IconName, keywords: string, run: () => void): Command => ({
    id: label.replaceAll(/\W+/g, '-'),
    group: 'Actions',
    label,
    icon,
    keywords,
    run,
  })
  return [
    ...pages.map((page) => ({
      id: page.label,
      group: 'Pages' as const,
      label: page.label,
      icon: page.icon,
      keywords: page.keywords,
      run: go(page.path),
    })),
    ...(mayChat ? chatModels(models) : []).map((model) => ({
      id: `chat-${model.id.replaceAll(/\W+/g, '-')}`,
      group: 'Chat with' as const,
      label: model.id,
      icon: 'playground' as const,
      keywords: 'model alias playground',
      run: go(`/playground?model=${encodeURIComponent(model.id)}`),
    })),
    action('Light theme', 'sun', 'appearance colour', () => setThemeChoice('light')),
    action('Dark theme', 'moon', 'appearance colour', () => setThemeChoice('dark')),
    action('Theme of the system', 'monitor', 'appearance colour', () => setThemeChoice('system')),
    action('Sign out', 'sign-out', 'log out leave', () => signOut.mutate()),
  ]
}

/** Every word must be found; those whose label begins with the text come first within a group. */
function search(commands: Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const matches = commands.filter((command) => {
    const content = `${command.label} ${command.keywords}`.toLowerCase()
    return words.every((word) => content.includes(word))
  })
  const first = words[0]
  if (!first) return matches
  const starts = (command: Command) => Number(!command.label.toLowerCase().startsWith(first))
  const best = matches.toSorted((a, b) => starts(a) - starts(b))
  // Groups stay together, in the order of their best match.
  const groups = [...new Set(best.map(({ group }) => group))]
  return groups.flatMap((group) => best.filter((command) => command.group === group))
}
