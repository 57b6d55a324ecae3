import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'
import { classes } from './classes.ts'
import { Icon } from './icon.tsx'

const control = classes(
  'w-full min-w-0 rounded-md border border-line-strong! bg-surface text-sm text-ink shadow-lift',
  'placeholder:text-ink-3 disabled:opacity-60 aria-invalid:border-bad!',
  'outline-offset-0 focus-visible:outline-2',
)

interface Wording {
  label: string
  /** The label is read but not seen: for controls whose place says what they are. */
  hideLabel?: boolean
  hint?: ReactNode
  error?: string | null
}

function Field({
  wording: { label, hideLabel, hint, error },
  id,
  children,
}: {
  wording: Wording
  id: string
  children: ReactNode
}) {
  return (
    <div className="min-w-0">
      <label
        htmlFor={id}
        className={hideLabel ? 'sr-only' : 'mb-1 block text-xs font-medium text-ink-2'}
      >
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-note`} role="alert" className="mt-1 text-xs text-bad-ink">
          {error}
        </p>
      ) : (
        hint && (
          <p id={`${id}-note`} className="mt-1 text-xs text-ink-3">
            {hint}
          </p>
        )
      )}
    </div>
  )
}

function describe(wording: Wording, id: string) {
  return {
    id,
    'aria-invalid': wording.error ? true : undefined,
    'aria-describedby': wording.error || wording.hint ? `${id}-note` : undefined,
  }
}

export function TextField({
  label,
  hideLabel,
  hint,
  error,
  className,
  ...rest
}: Wording & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  const wording = { label, hideLabel, hint, error }
  return (
    <Field wording={wording} id={id}>
      <input
        {...rest}
        {...describe(wording, id)}
        className={classes(control, 'h-8.5 px-2.5 pointer-coarse:h-10', className)}
      />
    </Field>
  )
}

export function TextArea({
  label,
  hideLabel,
  hint,
  error,
  className,
  ...rest
}: Wording & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId()
  const wording = { label, hideLabel, hint, error }
  return (
    <Field wording={wording} id={id}>
      <textarea
        {...rest}
        {...describe(wording, id)}
        className={classes(control, 'block resize-y px-2.5 py-2', className)}
      />
    </Field>
  )
}

/** The browser's own list: keyboard, phone wheel and screen reader come with it. */
export function Select({
  label,
  hideLabel,
  hint,
  error,
  className,
  children,
  ...rest
}: Wording & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId()
  const wording = { label, hideLabel, hint, error }
  return (
    <Field wording={wording} id={id}>
      <div className="relative">
        <select
          {...rest}
          {...describe(wording, id)}
          className={classes(
            control,
            'h-8.5 appearance-none truncate pr-7 pl-2.5 pointer-coarse:h-10',
            className,
          )}
        >
          {children}
        </select>
        <Icon
          name="chevron-down"
          className="pointer-events-none absolute top-1/2 right-2 size-3.5! -translate-y-1/2 text-ink-3"
        />
      </div>
    </Field>
  )
}

/** A yes or no, with what yes means under it. */
export function CheckField({
  label,
  hint,
  checked,
  onChange,
}: {
  label: string
  hint?: ReactNode
  checked: boolean
  onChange: (checked: boolean) => void
}) {
  return (
    <label className="flex items-start gap-2 text-sm">
      <input
        type="checkbox"
        className="mt-1"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {label}
        {hint && <span className="block text-xs text-ink-3">{hint}</span>}
      </span>
    </label>
  )
}
