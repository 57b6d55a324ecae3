import type { ReactNode } from 'react'
import { t } from '../texts/translate.ts'
import { Button } from './button.tsx'
import { CommandLine } from './command-line.tsx'
import { Dialog } from './dialog.tsx'

/** A secret that was made just now; it is shown here and never again. */
export function SecretDialog({
  title,
  description,
  secret,
  children,
  onClose,
}: {
  title: string
  description: string
  secret: string
  /** What to do with it. */
  children: ReactNode
  onClose: () => void
}) {
  return (
    <Dialog
      title={title}
      description={description}
      onClose={onClose}
      footer={
        <Button look="primary" onClick={onClose}>
          {t('I have copied it')}
        </Button>
      }
    >
      <CommandLine command={secret} />
      <div className="mt-4 text-xs text-ink-2">{children}</div>
    </Dialog>
  )
}
