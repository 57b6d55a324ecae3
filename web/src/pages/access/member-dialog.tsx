import { useState } from 'react'
import { type Role, useAddMember } from '../../api/access.ts'
import { ApiError } from '../../api/client.ts'
import { t } from '../../texts/translate.ts'
import { TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { notify } from '../../ui/toast.tsx'
import { RoleSelect } from './role-select.tsx'

export function MemberDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('member')
  const add = useAddMember()
  const taken = add.error instanceof ApiError && add.error.param === 'email' ? add.error : null

  const address = email.trim()
  const wish = { name: name.trim(), role, ...(address && { email: address }) }

  const submit = () => {
    add.mutate(wish, {
      onSuccess: (member) => {
        notify(
          t('{name} is a member now. Make a key for them, or let them sign in.', {
            name: member.name,
          }),
        )
        onClose()
      },
    })
  }

  return (
    <FormDialog
      title={t('Add a member')}
      description={t('For people that no directory tells of.')}
      action={t('Add')}
      busy={add.isPending}
      error={taken ? null : add.error}
      call={add.callOf(wish)}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={t('Name')}
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t('Address (optional)')}
        type="email"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={taken?.message ?? null}
      />
      <RoleSelect explained value={role} onChange={setRole} />
    </FormDialog>
  )
}
