import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { ErrorNotice } from './error-notice.tsx'
import type { IconName } from './icon.tsx'

/** Asks before something that cannot be taken back, saying what it will do. */
export function Confirm({
  title,
  children,
  action,
  icon,
  busy,
  error,
  onConfirm,
  onClose,
}: {
  title: string
  children: ReactNode
  /** What the button says: the verb itself, never "OK". */
  action: string
  icon?: IconName
  busy: boolean
  error: unknown
  onConfirm: () => void
  onClose: () => void
}) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" {...(icon && { icon })} busy={busy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="text-pretty text-ink-2">{children}</div>
      {error ? <ErrorNotice error={error} className="mt-3" /> : null}
    </Dialog>
  )
}
