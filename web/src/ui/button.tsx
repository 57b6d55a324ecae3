import type { ButtonHTMLAttributes, Ref } from 'react'
import { classes } from './classes.ts'
import { Icon, type IconName } from './icon.tsx'

const looks = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong shadow-lift',
  secondary: 'bg-surface text-ink border border-line-strong hover:bg-sunken shadow-lift',
  quiet: 'text-ink-2 hover:bg-sunken hover:text-ink',
  danger: 'bg-surface text-bad-ink border border-line-strong hover:bg-bad-soft shadow-lift',
} as const

const sizes = {
  medium: 'h-8.5 px-3 text-sm',
  small: 'h-7 px-2 text-xs',
} as const

/** The classes of a button, for links that look like one. */
export function buttonClasses(
  look: keyof typeof looks = 'secondary',
  size: keyof typeof sizes = 'medium',
): string {
  return classes(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium',
    'whitespace-nowrap transition-colors select-none disabled:opacity-50',
    'pointer-coarse:min-h-10',
    looks[look],
    sizes[size],
  )
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof looks
  size?: keyof typeof sizes
  icon?: IconName
  /** Shows that the click is being worked on; the button does not react meanwhile. */
  busy?: boolean
  ref?: Ref<HTMLButtonElement>
}

export function Button({ look, size, icon, busy, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      {...rest}
      disabled={rest.disabled || busy}
      className={classes(buttonClasses(look, size), className)}
    >
      {busy ? <Spinner /> : icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

/** A button that shows only an icon; `label` is what it does. */
export function IconButton({
  icon,
  label,
  look = 'quiet',
  size = 'medium',
  className,
  ...rest
}: Omit<ButtonProps, 'icon' | 'children'> & { icon: IconName; label: string }) {
  return (
    <Button
      {...rest}
      look={look}
      aria-label={label}
      title={rest.title ?? label}
      className={classes(
        'px-0!',
        size === 'small' ? 'h-7! w-7' : 'w-8.5',
        'pointer-coarse:min-w-10',
        className,
      )}
    >
      <Icon name={icon} />
    </Button>
  )
}

function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent"
    />
  )
}
