import type { ReactNode } from 'react'
import { CommandLine } from './command-line.tsx'
import { Icon, type IconName } from './icon.tsx'

/** Nothing here yet: what would be here, and the line to type to get it. */
export function EmptyState({
  icon,
  title,
  children,
  command,
  action,
}: {
  icon: IconName
  title: string
  children?: ReactNode
  command?: string
  action?: ReactNode
}) {
  return (
    <div className="mx-auto flex max-w-xl flex-col items-center px-4 py-10 text-center">
      <span className="mb-3 grid size-10 place-items-center rounded-lg border bg-sunken text-ink-2">
        <Icon name={icon} className="size-5!" />
      </span>
      <h3 className="font-semibold">{title}</h3>
      {children && <div className="mt-1 text-pretty text-ink-2">{children}</div>}
      {action && <div className="mt-4">{action}</div>}
      {command && (
        <div className="mt-4 w-full text-left">
          <CommandLine command={command} />
        </div>
      )}
    </div>
  )
}
