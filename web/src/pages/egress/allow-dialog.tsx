import { type FormEvent, useId, useState } from 'react'
import { useAllow } from '../../api/egress.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { TextField } from '../../ui/field.tsx'
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
  const formId = useId()

  const submit = (event: FormEvent) => {
    event.preventDefault()
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
    <Dialog
      title="Allow a destination"
      description="The name is resolved at each connection, and the address it yields is checked again."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} look="primary" busy={allow.isPending}>
            Allow
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="space-y-3">
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
        <label className="flex items-start gap-2 text-sm">
          <input
            type="checkbox"
            className="mt-1"
            checked={isPrivate}
            onChange={(event) => setPrivate(event.target.checked)}
          />
          <span>
            It may be a private address
            <span className="block text-xs text-ink-3">
              For servers of your own network. Without it, a name that leads inside is refused.
            </span>
          </span>
        </label>
        {allow.error && <ErrorNotice error={allow.error} />}
      </form>
    </Dialog>
  )
}
