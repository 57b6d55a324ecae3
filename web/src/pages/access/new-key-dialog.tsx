import { useState } from 'react'
import { type MadeKey, type Member, type Role, useMakeKey } from '../../api/access.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'
import { Select, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { KeySecret } from './key-secret.tsx'
import { RoleSelect } from './role-select.tsx'

const lives = [
  { days: '30', label: '30 days' },
  { days: '90', label: '90 days' },
  { days: '365', label: 'a year' },
  { days: '', label: 'no end' },
] as const satisfies { days: string; label: PlainText }[]

/** Makes a key, for a program or for a member, and shows its secret once. */
export function NewKeyDialog({ member, onClose }: { member?: Member; onClose: () => void }) {
  const [name, setName] = useState(member ? t('{name}’s key', { name: member.name }) : '')
  const [role, setRole] = useState<Role>(member?.role ?? 'member')
  const [days, setDays] = useState<string>('90')
  const [made, setMade] = useState<MadeKey | null>(null)
  const make = useMakeKey()

  const wish = {
    name: name.trim(),
    role,
    ...(days && { expires_in_days: Number(days) }),
    ...(member && { member: member.id }),
  }

  if (made) return <KeySecret made={made} onClose={onClose} />
  return (
    <FormDialog
      title={member ? t('Make a key for {name}', { name: member.name }) : t('Make a key')}
      description={
        member
          ? t('It can do what the member may do here, and ends with their access.')
          : t('For a program that calls Bastide.')
      }
      action={t('Make')}
      icon="key"
      busy={make.isPending}
      error={make.error}
      call={make.callOf(wish)}
      onSubmit={() => make.mutate(wish, { onSuccess: setMade })}
      onClose={onClose}
    >
      <TextField
        label={t('Name')}
        hint={t('What it is for: it stands in the ledger and in the audit log.')}
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <RoleSelect explained value={role} onChange={setRole} />
      <Select label={t('Good for')} value={days} onChange={(event) => setDays(event.target.value)}>
        {lives.map((life) => (
          <option key={life.days} value={life.days}>
            {t(life.label)}
          </option>
        ))}
      </Select>
    </FormDialog>
  )
}
