import type { UseMutationResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ShownCall } from '../api/curl.ts'
import { t } from '../texts/translate.ts'
import { Button } from './button.tsx'
import { CopyCurl } from './copy-curl.tsx'
import { Dialog } from './dialog.tsx'
import { ErrorNotice } from './error-notice.tsx'
import type { IconName } from './icon.tsx'
import { notify } from './toast.tsx'

/** Asks before something that cannot be taken back, saying what it will do; then does it. */
export function Confirm<Answer, Variables>({
  title,
  children,
  action,
  icon,
  look = 'danger',
  disabled = false,
  mutation,
  variables,
  done,
  onClose,
}: {
  title: string
  children: ReactNode
  /** What the button says: the verb itself, never "OK". */
  action: string
  icon?: IconName
  look?: 'danger' | 'primary'
  disabled?: boolean
  mutation: UseMutationResult<Answer, Error, Variables> & {
    callOf: (variables: Variables) => ShownCall
  }
  variables: Variables
  /** What is said afterwards. */
  done: (answer: Answer) => string
  onClose: () => void
}) {
  const confirm = () =>
    mutation.mutate(variables, {
      onSuccess: (answer) => {
        notify(done(answer))
        onClose()
      },
    })
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <span className="mr-auto self-center">
            <CopyCurl call={mutation.callOf(variables)} />
          </span>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button
            look={look}
            icon={icon}
            disabled={disabled}
            busy={mutation.isPending}
            onClick={confirm}
          >
            {action}
          </Button>
        </>
      }
    >
      <div className="text-pretty text-ink-2">{children}</div>
      {mutation.error && <ErrorNotice error={mutation.error} className="mt-3" />}
    </Dialog>
  )
}
