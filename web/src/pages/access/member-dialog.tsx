import { type FormEvent, useId, useState } from 'react'
import { type Role, useAddMember } from '../../api/access.ts'
import { ApiError } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { TextField } from '../../ui/field.tsx'
import { notify } from '../../ui/toast.tsx'
import { RoleSelect } from './role-select.tsx'

export function MemberDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('member')
  const add = useAddMember()
  const formId = useId()
  const taken = add.error instanceof ApiError && add.error.param === 'email' ? add.error : null

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const address = email.trim()
    add.mutate(
      { name: name.trim(), role, ...(address && { email: address }) },
      {
        onSuccess: (member) => {
          notify(`${member.name} is a member now. Make a key for them, or let them sign in.`)
          onClose()
        },
      },
    )
  }

  return (
    <Dialog
      title="Add a member"
      description="For people that no directory tells of."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} look="primary" busy={add.isPending}>
            Add
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="space-y-3">
        <TextField
          label="Name"
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Address (optional)"
          type="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={taken?.message ?? null}
        />
        <RoleSelect explained value={role} onChange={setRole} />
        {add.error && !taken && <ErrorNotice error={add.error} />}
      </form>
    </Dialog>
  )
}
