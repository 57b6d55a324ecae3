import { useEffect, useId, useMemo, useRef, useState } from 'react'
import type { Page } from '../navigation.ts'
import { t } from '../texts/translate.ts'
import { classes } from '../ui/classes.ts'
import { Icon } from '../ui/icon.tsx'
import { type Command, searchCommands, useCommands } from './commands.ts'

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
  const found = useMemo(() => searchCommands(commands, text), [commands, text])
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
      aria-label={t('Go to')}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
      className="mx-auto mt-[12vh] w-[min(36rem,calc(100vw-1.5rem))] overflow-hidden rounded-xl border bg-surface p-0 text-ink shadow-float"
    >
      <CommandField
        listId={listId}
        active={active}
        text={text}
        onText={(next) => {
          setText(next)
          setSelected(0)
        }}
        onKeyDown={onKeyDown}
      />
      <CommandList id={listId} commands={found} active={active} onChoose={choose} />
    </dialog>
  )
}

function CommandField({
  listId,
  active,
  text,
  onText,
  onKeyDown,
}: {
  listId: string
  active: Command | undefined
  text: string
  onText: (text: string) => void
  onKeyDown: (event: React.KeyboardEvent) => void
}) {
  return (
    <div className="flex items-center gap-2.5 border-b px-4">
      <Icon name="search" className="text-ink-3" />
      <input
        // biome-ignore lint/a11y/noAutofocus: the palette is opened to type in it
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={active && `${listId}-${active.id}`}
        aria-label={t('Page, model or action')}
        placeholder={t('Page, model or action')}
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={onKeyDown}
        className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-ink-3"
      />
      <kbd className="rounded border bg-canvas px-1.5 text-2xs text-ink-3">Esc</kbd>
    </div>
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
    <div
      id={id}
      role="listbox"
      aria-label={t('Results')}
      className="max-h-[50vh] overflow-y-auto p-1.5"
    >
      {commands.length === 0 && (
        <p className="px-3 py-6 text-center text-ink-3">{t('Nothing by that name.')}</p>
      )}
      {commands.map((command, index) => (
        <div key={command.id}>
          {commands[index - 1]?.group !== command.group && (
            <p aria-hidden="true" className="px-2.5 pt-2 pb-1 text-2xs text-ink-3">
              {t(command.group)}
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
