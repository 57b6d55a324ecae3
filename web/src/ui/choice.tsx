import { ToggleGroup } from 'radix-ui'
import { classes } from './classes.ts'

/** One of a few options, all in sight. */
export function Choice<Value extends string>({
  label,
  value,
  options,
  onChange,
  className,
}: {
  label: string
  value: Value
  /** `language` is that of a label in another one than the page's. */
  options: readonly { value: Value; label: string; language?: string }[]
  onChange: (value: Value) => void
  className?: string
}) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => next && onChange(next as Value)}
      className={classes('inline-flex rounded-md border bg-sunken p-0.5', className)}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          lang={option.language}
          className="h-7 rounded px-2.5 text-xs font-medium whitespace-nowrap text-ink-2 hover:text-ink data-[state=on]:bg-surface data-[state=on]:text-ink data-[state=on]:shadow-lift pointer-coarse:min-h-9"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
