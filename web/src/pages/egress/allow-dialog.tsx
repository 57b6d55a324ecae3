import { useState } from 'react'
import { useAllow } from '../../api/egress.ts'
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

  const submit = () => {
    allow.mutate(
      { host: host.trim(), port: Number(port), allow_private: isPrivate },
      {
        onSuccess: (rule) => {
          notify(`${rule.host}:${rule.port} is allowed. The decision is in the audit log.`)
          onClose()
        },
      },
    )
  }

  return (
    <FormDialog
      title="Allow a destination"
      description="The name is resolved at each connection, and the address it yields is checked again."
      action="Allow"
      busy={allow.isPending}
      error={allow.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label="Host name or address"
        placeholder="models.house.example"
        required
        maxLength={253}
        value={host}
        onChange={(event) => setHost(event.target.value)}
      />
      <TextField
        label="Port"
        type="number"
        min={1}
        max={65535}
        required
        value={port}
        onChange={(event) => setPort(event.target.value)}
      />
      <CheckField
        label="It may be a private address"
        hint="For servers of your own network. Without it, a name that leads inside is refused."
        checked={isPrivate}
        onChange={setPrivate}
      />
    </FormDialog>
  )
}
