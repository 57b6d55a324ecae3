import { useState } from 'react'
import { useAddSigner } from '../../api/signers.ts'
import { t } from '../../texts/translate.ts'
import { TextArea, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { notify } from '../../ui/toast.tsx'

/** Makes the signatures of somebody else's key count here. */
export function SignerDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [publicKey, setPublicKey] = useState('')
  const add = useAddSigner()
  const wish = { name: name.trim(), public_key: publicKey.trim() }
  const submit = () =>
    add.mutate(wish, {
      onSuccess: ({ fingerprint }) => {
        notify(t('Signatures with the key {fingerprint} count from now on.', { fingerprint }))
        onClose()
      },
    })
  return (
    <FormDialog
      title={t('List a signer')}
      description={t(
        'Compare the key’s fingerprint with its owner first, by another way than this one.',
      )}
      action={t('Add')}
      busy={add.isPending}
      error={add.error}
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
      <TextArea
        label={t('Public key')}
        hint={t('Ed25519, as PEM or as base64.')}
        required
        rows={3}
        maxLength={2000}
        className="font-mono text-xs"
        value={publicKey}
        onChange={(event) => setPublicKey(event.target.value)}
      />
    </FormDialog>
  )
}
