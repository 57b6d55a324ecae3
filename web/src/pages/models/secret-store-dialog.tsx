import { useState } from 'react'
import { useSetSecret } from '../../api/signers.ts'
import { t } from '../../texts/translate.ts'
import { TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { notify } from '../../ui/toast.tsx'

/** Keeps a token under a name that imports and remote models then say instead of it. */
export function SecretStoreDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const set = useSetSecret()
  const wish = { name: name.trim(), value }
  const submit = () =>
    set.mutate(wish, {
      onSuccess: () => {
        notify(t('The secret “{name}” is kept. Nobody can read it back.', { name: wish.name }))
        onClose()
      },
    })
  return (
    <FormDialog
      title={t('Store a secret')}
      description={t(
        'A token for a source or a remote model. It is sealed here and cannot be shown again; the same name replaces it.',
      )}
      action={t('Store')}
      icon="key"
      busy={set.isPending}
      error={set.error}
      call={set.callOf(wish)}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={t('Name')}
        required
        pattern="[a-z0-9-]{1,60}"
        placeholder="hub-token"
        hint={t('Small letters, digits and hyphens.')}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t('Secret')}
        type="password"
        autoComplete="off"
        required
        maxLength={10_000}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
    </FormDialog>
  )
}
