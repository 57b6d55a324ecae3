import { useState } from 'react'
import { useAllow } from '../../api/egress.ts'
import { t } from '../../texts/translate.ts'
import { CheckField, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { notify } from '../../ui/toast.tsx'

/** Opens the wall for one host and port. */
export function AllowDialog({
  wanted,
  onClose,
}: {
  wanted: { host: string; port: number }
  onClose: () => void
}) {
  const [host, setHost] = useState(wanted.host)
  const [port, setPort] = useState(String(wanted.port))
  const [isPrivate, setPrivate] = useState(false)
  const allow = useAllow()

  const wish = { host: host.trim(), port: Number(port), allow_private: isPrivate }

  const submit = () => {
    allow.mutate(wish, {
      onSuccess: (rule) => {
        notify(
          t('{place} is allowed. The decision is in the audit log.', {
            place: `${rule.host}:${rule.port}`,
          }),
        )
        onClose()
      },
    })
  }

  return (
    <FormDialog
      title={t('Allow a destination')}
      description={t(
        'The name is resolved at each connection, and the address it yields is checked again.',
      )}
      action={t('Allow')}
      busy={allow.isPending}
      error={allow.error}
      call={allow.callOf(wish)}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={t('Host name or address')}
        placeholder="models.house.example"
        required
        maxLength={253}
        value={host}
        onChange={(event) => setHost(event.target.value)}
      />
      <TextField
        label={t('Port')}
        type="number"
        min={1}
        max={65535}
        required
        value={port}
        onChange={(event) => setPort(event.target.value)}
      />
      <CheckField
        label={t('It may be a private address')}
        hint={t(
          'For servers of your own network. Without it, a name that leads inside is refused.',
        )}
        checked={isPrivate}
        onChange={setPrivate}
      />
    </FormDialog>
  )
}
