import { useState } from 'react'
import { type Key, type MadeKey, useRotateKey } from '../../api/access.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'
import { Select } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { KeySecret } from './key-secret.tsx'

const overlaps = [
  { hours: '1', label: 'one hour' },
  { hours: '24', label: 'a day' },
  { hours: '168', label: 'a week' },
  { hours: '720', label: '30 days' },
] as const satisfies { hours: string; label: PlainText }[]

/** Makes the successor of a key; both work until the old one ends. */
export function RotateDialog({ old, onClose }: { old: Key; onClose: () => void }) {
  const [hours, setHours] = useState<string>('24')
  const [made, setMade] = useState<MadeKey | null>(null)
  const rotate = useRotateKey()

  const wish = { id: old.id, hours: Number(hours) }

  if (made) return <KeySecret made={made} onClose={onClose} />
  return (
    <FormDialog
      title={t('Rotate “{name}”', { name: old.name })}
      description={t(
        'A new key with the same rights. The old one goes on working while programs change over.',
      )}
      action={t('Rotate')}
      icon="retry"
      busy={rotate.isPending}
      error={rotate.error}
      call={rotate.callOf(wish)}
      onSubmit={() => rotate.mutate(wish, { onSuccess: setMade })}
      onClose={onClose}
    >
      <Select
        label={t('The old key works for')}
        value={hours}
        onChange={(event) => setHours(event.target.value)}
      >
        {overlaps.map((overlap) => (
          <option key={overlap.hours} value={overlap.hours}>
            {t(overlap.label)}
          </option>
        ))}
      </Select>
    </FormDialog>
  )
}
