import { type FormEvent, useId, useState } from 'react'
import { type Key, type MadeKey, useRotateKey } from '../../api/access.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Select } from '../../ui/field.tsx'
import { SecretDialog } from './secret-dialog.tsx'

const overlaps = [
  { hours: '1', label: 'one hour' },
  { hours: '24', label: 'a day' },
  { hours: '168', label: 'a week' },
  { hours: '720', label: '30 days' },
]

/** Makes the successor of a key; both work until the old one ends. */
export function RotateDialog({ old, onClose }: { old: Key; onClose: () => void }) {
  const [hours, setHours] = useState('24')
  const [made, setMade] = useState<MadeKey | null>(null)
  const rotate = useRotateKey()
  const formId = useId()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    rotate.mutate({ id: old.id, hours: Number(hours) }, { onSuccess: setMade })
  }

  if (made) return <SecretDialog made={made} onClose={onClose} />
  return (
    <Dialog
      title={`Rotate “${old.name}”`}
      description="A new key with the same rights. The old one goes on working while programs change over."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} look="primary" icon="retry" busy={rotate.isPending}>
            Rotate
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="space-y-3">
        <Select
          label="The old key works for"
          value={hours}
          onChange={(event) => setHours(event.target.value)}
        >
          {overlaps.map((overlap) => (
            <option key={overlap.hours} value={overlap.hours}>
              {overlap.label}
            </option>
          ))}
        </Select>
        {rotate.error && <ErrorNotice error={rotate.error} />}
      </form>
    </Dialog>
  )
}
