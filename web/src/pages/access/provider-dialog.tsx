import { type FormEvent, useId, useState } from 'react'
import { type NewProvider, useAddProvider } from '../../api/access.ts'
import { Button } from '../../ui/button.tsx'
import { CommandLine } from '../../ui/command-line.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { TextField } from '../../ui/field.tsx'
import { notify } from '../../ui/toast.tsx'

const empty = {
  name: '',
  issuer: '',
  client_id: '',
  client_secret: '',
  groups_claim: 'groups',
  link_by_email: false,
}

export function ProviderDialog({ onClose }: { onClose: () => void }) {
  const [facts, setFacts] = useState(empty)
  const add = useAddProvider()
  const formId = useId()

  const field = (name: Exclude<keyof typeof empty, 'link_by_email'>) => ({
    value: facts[name],
    onChange: (event: { target: { value: string } }) =>
      setFacts({ ...facts, [name]: event.target.value }),
  })

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const { client_secret, ...rest } = facts
    const body: NewProvider = { ...rest, ...(client_secret && { client_secret }) }
    add.mutate(body, {
      onSuccess: () => {
        notify(`People can sign in with ${facts.name}, once an egress rule lets Bastide reach it.`)
        onClose()
      },
    })
  }

  return (
    <Dialog
      title="Add an identity provider"
      description="Register Bastide there as a web application with this redirect address:"
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
      <CommandLine command={`${location.origin}/v1/sign-in/callback`} className="mb-4" />
      <form id={formId} onSubmit={submit} className="space-y-3">
        <TextField
          label="Name on the sign-in page"
          placeholder="House directory"
          required
          {...field('name')}
        />
        <TextField
          label="Issuer"
          type="url"
          placeholder="https://login.example.eu/realms/house"
          hint="As the provider states it. Allow its host under Egress as well."
          required
          {...field('issuer')}
        />
        <TextField label="Client id" required {...field('client_id')} />
        <TextField
          label="Client secret"
          type="password"
          autoComplete="off"
          hint="Kept sealed. Empty for a public client."
          {...field('client_secret')}
        />
        <TextField
          label="Claim that lists groups"
          hint="Empty: a directory tells of groups over SCIM."
          {...field('groups_claim')}
        />
        <label className="flex items-start gap-2 text-sm">
          <input
            type="checkbox"
            className="mt-1"
            checked={facts.link_by_email}
            onChange={(event) => setFacts({ ...facts, link_by_email: event.target.checked })}
          />
          <span>
            An address the provider has verified claims the member who has it
            <span className="block text-xs text-ink-3">
              Only for a provider of your own, where nobody chooses their address.
            </span>
          </span>
        </label>
        {add.error && <ErrorNotice error={add.error} />}
      </form>
    </Dialog>
  )
}
