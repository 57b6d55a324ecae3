import { useState } from 'react'
import { type MadeKey, type Member, type Role, useMakeKey } from '../../api/access.ts'
import { Select, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { KeySecret } from './key-secret.tsx'
import { RoleSelect } from './role-select.tsx'

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

  const submit = () => {
    const body = {
      name: name.trim(),
      role,
      ...(days && { expires_in_days: Number(days) }),
      ...(member && { member: member.id }),
    }
    make.mutate(body, { onSuccess: setMade })
  }

  if (made) return <KeySecret made={made} onClose={onClose} />
  return (
    <FormDialog
      title={member ? `Make a key for ${member.name}` : 'Make a key'}
      description={
        member
          ? 'It can do what the member may do here, and ends with their access.'
          : 'For a program that calls Bastide.'
      }
      action="Make"
      icon="key"
      busy={make.isPending}
      error={make.error}
      onSubmit={submit}
      onClose={onClose}
    >
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
    </FormDialog>
  )
}
