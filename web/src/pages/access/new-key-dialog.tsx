import { type FormEvent, useId, useState } from 'react'
import { type MadeKey, type Member, type Role, useMakeKey } from '../../api/access.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Select, TextField } from '../../ui/field.tsx'
import { RoleSelect } from './role-select.tsx'
import { SecretDialog } from './secret-dialog.tsx'

const lives = [
  { days: '30', label: '30 days' },
  { days: '90', label: '90 days' },
  { days: '365', label: 'a year' },
  { days: '', label: 'no end' },
]

/** Makes a key, for a program or for a member, and shows its secret once. */
export function NewKeyDialog({ member, onClose }: { member?: Member; onClose: () => void }) {
  const [name, setName] = useState(member ? `${member.name}’s key` : '')
  const [role, setRole] = useState<Role>(member?.role ?? 'member')
  const [days, setDays] = useState('90')
  const [made, setMade] = useState<MadeKey | null>(null)
  const make = useMakeKey()
  const formId = useId()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const body = {
      name: name.trim(),
      role,
      ...(days && { expires_in_days: Number(days) }),
      ...(member && { member: member.id }),
    }
    make.mutate(body, { onSuccess: setMade })
  }

  if (made) return <SecretDialog made={made} onClose={onClose} />
  return (
    <Dialog
      title={member ? `Make a key for ${member.name}` : 'Make a key'}
      description={
        member
          ? 'It can do what the member may do here, and ends with their access.'
          : 'For a program that calls Bastide.'
      }
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} look="primary" icon="key" busy={make.isPending}>
            Make
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="space-y-3">
        <TextField
          label="Name"
          hint="What it is for: it stands in the ledger and in the audit log."
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <RoleSelect explained value={role} onChange={setRole} />
        <Select label="Good for" value={days} onChange={(event) => setDays(event.target.value)}>
          {lives.map((life) => (
            <option key={life.days} value={life.days}>
              {life.label}
            </option>
          ))}
        </Select>
        {make.error && <ErrorNotice error={make.error} />}
      </form>
    </Dialog>
  )
}
