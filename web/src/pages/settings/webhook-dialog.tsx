import { useState } from 'react'
import { useAddWebhook } from '../../api/settings.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'
import { CheckField, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { SecretDialog } from '../../ui/secret-dialog.tsx'

const events = [
  { name: 'batch.finished', label: 'A batch is finished' },
  { name: 'document.finished', label: 'A document is read' },
] as const satisfies { name: string; label: PlainText }[]

/** Adds a webhook and shows its signing secret once. */
export function WebhookDialog({ onClose }: { onClose: () => void }) {
  const [url, setUrl] = useState('')
  const [chosen, setChosen] = useState<string[]>(events.map(({ name }) => name))
  const add = useAddWebhook()

  const wish = { url: url.trim(), events: chosen }

  if (add.data) {
    return (
      <SecretDialog
        title={t('The webhook’s signing secret')}
        description={t(
          'Copy it now: it cannot be shown again. The receiver checks with it that an event is from here.',
        )}
        secret={add.data.secret}
        onClose={onClose}
      >
        {t(
          'Events are signed as Standard Webhooks has it; its libraries verify them in every language.',
        )}
      </SecretDialog>
    )
  }
  return (
    <FormDialog
      title={t('Add a webhook')}
      description={t(
        'A POST to a program of yours. It says what has ended and how, nothing of the contents.',
      )}
      action={t('Add')}
      busy={add.isPending}
      disabled={chosen.length === 0}
      error={add.error}
      call={add.callOf(wish)}
      onSubmit={() => add.mutate(wish)}
      onClose={onClose}
    >
      <TextField
        label={t('Address')}
        type="url"
        placeholder="https://intranet.house.example/bastide"
        hint={t('Allow its host and port under Egress as well.')}
        required
        maxLength={2000}
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      <fieldset className="space-y-1.5 text-sm">
        <legend className="mb-1 text-xs font-medium text-ink-2">{t('When')}</legend>
        {events.map(({ name, label }) => (
          <CheckField
            key={name}
            label={t(label)}
            checked={chosen.includes(name)}
            onChange={(checked) =>
              setChosen(checked ? [...chosen, name] : chosen.filter((other) => other !== name))
            }
          />
        ))}
      </fieldset>
    </FormDialog>
  )
}
