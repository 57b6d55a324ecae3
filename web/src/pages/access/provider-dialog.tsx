import { useState } from 'react'
import { type NewProvider, useAddProvider } from '../../api/access.ts'
import { t } from '../../texts/translate.ts'
import { CommandLine } from '../../ui/command-line.tsx'
import { CheckField, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
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

  const field = (name: Exclude<keyof typeof empty, 'link_by_email'>) => ({
    value: facts[name],
    onChange: (event: { target: { value: string } }) =>
      setFacts({ ...facts, [name]: event.target.value }),
  })

  const { client_secret, ...rest } = facts
  const wish: NewProvider = { ...rest, ...(client_secret && { client_secret }) }

  const submit = () => {
    add.mutate(wish, {
      onSuccess: () => {
        notify(
          t('People can sign in with {name}, once an egress rule lets Bastide reach it.', {
            name: facts.name,
          }),
        )
        onClose()
      },
    })
  }

  return (
    <FormDialog
      title={t('Add an identity provider')}
      description={t('Register Bastide there as a web application with this redirect address:')}
      action={t('Add')}
      busy={add.isPending}
      error={add.error}
      call={add.callOf(wish)}
      onSubmit={submit}
      onClose={onClose}
    >
      <CommandLine command={`${location.origin}/v1/sign-in/callback`} />
      <TextField
        label={t('Name on the sign-in page')}
        placeholder={t('House directory')}
        required
        {...field('name')}
      />
      <TextField
        label={t('Issuer')}
        type="url"
        placeholder="https://login.example.eu/realms/house"
        hint={t('As the provider states it. Allow its host under Egress as well.')}
        required
        {...field('issuer')}
      />
      <TextField label={t('Client id')} required {...field('client_id')} />
      <TextField
        label={t('Client secret')}
        type="password"
        autoComplete="off"
        hint={t('Kept sealed. Empty for a public client.')}
        {...field('client_secret')}
      />
      <TextField
        label={t('Claim that lists groups')}
        hint={t('Empty: a directory tells of groups over SCIM.')}
        {...field('groups_claim')}
      />
      <CheckField
        label={t('An address the provider has verified claims the member who has it')}
        hint={t('Only for a provider of your own, where nobody chooses their address.')}
        checked={facts.link_by_email}
        onChange={(link_by_email) => setFacts({ ...facts, link_by_email })}
      />
    </FormDialog>
  )
}
