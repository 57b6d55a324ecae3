import type { ReactNode } from 'react'
import { classes } from './classes.ts'
import { Icon, type IconName } from './icon.tsx'

const tones = {
  neutral: 'bg-sunken text-ink-2',
  accent: 'bg-accent-soft text-accent',
  ok: 'bg-ok-soft text-ok-ink',
  warn: 'bg-energy-soft text-energy-ink',
  bad: 'bg-bad-soft text-bad-ink',
} as const

export type Tone = keyof typeof tones

export function Badge({
  tone = 'neutral',
  icon,
  children,
  className,
}: {
  tone?: Tone
  icon?: IconName
  children: ReactNode
  className?: string
}) {
  return (
    <span
      className={classes(
        'inline-flex max-w-full items-center gap-1 rounded px-1.5 text-2xs leading-5 font-medium',
        'whitespace-nowrap',
        tones[tone],
        className,
      )}
    >
      {icon && <Icon name={icon} className="size-3!" />}
      <span className="truncate">{children}</span>
    </span>
  )
}

const dots = {
  neutral: 'bg-ink-3',
  accent: 'bg-accent',
  ok: 'bg-ok',
  warn: 'bg-energy',
  bad: 'bg-bad',
} as const

/** A coloured dot before a word that says the same. */
export function Dot({ tone, pulse = false }: { tone: Tone; pulse?: boolean }) {
  return (
    <span
      aria-hidden="true"
      className={classes(
        'inline-block size-2 shrink-0 rounded-full',
        dots[tone],
        pulse && 'animate-shimmer',
      )}
    />
  )
}
