import { type ReactNode, useId } from 'react'
import type { ShownCall } from '../api/curl.ts'
import { t } from '../texts/translate.ts'
import { Button } from './button.tsx'
import { CopyCurl } from './copy-curl.tsx'
import { Dialog } from './dialog.tsx'
import { ErrorNotice } from './error-notice.tsx'
import type { IconName } from './icon.tsx'

/** A modal with a form: its fields, what the server has against them, and the button that sends it. */
export function FormDialog({
  title,
  description,
  action,
  icon,
  busy,
  disabled = false,
  error,
  call,
  onSubmit,
  onClose,
  children,
}: {
  title: string
  description?: ReactNode
  /** What the button says: the verb itself, never "OK". */
  action: string
  icon?: IconName
  busy: boolean
  disabled?: boolean
  error: unknown
  /** What the form sends as it is filled now, for those who would rather type it. */
  call: ShownCall
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}) {
  const formId = useId()
  return (
    <Dialog
      title={title}
      description={description}
      onClose={onClose}
      footer={
        <>
          <span className="mr-auto self-center">
            <CopyCurl call={call} />
          </span>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button
            type="submit"
            form={formId}
            look="primary"
            icon={icon}
            busy={busy}
            disabled={disabled}
          >
            {action}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit()
        }}
        className="space-y-3"
      >
        {children}
        {error ? <ErrorNotice error={error} /> : null}
      </form>
    </Dialog>
  )
}
