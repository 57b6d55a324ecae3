import { DropdownMenu } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { classes } from './classes.ts'
import { Icon, type IconName } from './icon.tsx'
import { useLayer } from './layer.ts'

/** A list of actions under a button. Not modal: a modal menu would inject styles. */
export function Menu({
  trigger,
  children,
  align = 'end',
}: {
  trigger: ReactElement
  children: ReactNode
  align?: 'start' | 'end'
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={useLayer()}>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-40 min-w-44 animate-rise rounded-lg border bg-surface p-1 shadow-float"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

export function MenuItem({
  icon,
  children,
  onSelect,
  tone = 'neutral',
}: {
  icon?: IconName
  children: ReactNode
  onSelect: () => void
  tone?: 'neutral' | 'bad'
}) {
  return (
    <DropdownMenu.Item onSelect={onSelect} className={itemClasses(tone)}>
      {icon && <Icon name={icon} className="opacity-75" />}
      {children}
    </DropdownMenu.Item>
  )
}

/** An item that follows a link: downloads, mostly. */
export function MenuLink({
  icon,
  href,
  download,
  children,
}: {
  icon?: IconName
  href: string
  download?: boolean
  children: ReactNode
}) {
  return (
    <DropdownMenu.Item asChild className={itemClasses('neutral')}>
      <a href={href} download={download}>
        {icon && <Icon name={icon} className="opacity-75" />}
        {children}
      </a>
    </DropdownMenu.Item>
  )
}

/** One of a few, with a mark before the chosen one. */
export function MenuChoice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: Value
  options: readonly { value: Value; label: string; language?: string }[]
  onChange: (value: Value) => void
}) {
  return (
    <DropdownMenu.RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as Value)}
    >
      {options.map((option) => (
        <DropdownMenu.RadioItem
          key={option.value}
          value={option.value}
          lang={option.language}
          className={itemClasses('neutral')}
        >
          <span className="size-4">
            <DropdownMenu.ItemIndicator>
              <Icon name="check" />
            </DropdownMenu.ItemIndicator>
          </span>
          {option.label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}

export function MenuHeading({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-2xs text-ink-3">
      {children}
    </DropdownMenu.Label>
  )
}

export function MenuDivider() {
  return <DropdownMenu.Separator className="-mx-1 my-1 border-t" />
}

function itemClasses(tone: 'neutral' | 'bad') {
  return classes(
    'flex h-8 cursor-pointer items-center gap-2 rounded-md px-2 text-sm outline-none select-none',
    'data-[highlighted]:bg-sunken pointer-coarse:h-10',
    tone === 'bad' && 'text-bad-ink',
  )
}
