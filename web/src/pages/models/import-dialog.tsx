import { useState } from 'react'
import { type ImportWish, type ModelImport, useStartImport } from '../../api/model-imports.ts'
import { usePermission } from '../../api/session.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'
import { Choice } from '../../ui/choice.tsx'
import { Select, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { notify } from '../../ui/toast.tsx'
import { type SourceParts, sourceParts, sourceText } from './import-source.ts'
import { SourceFields } from './source-fields.tsx'

const tasks = [
  { value: '', label: 'as its format says' },
  { value: 'generate', label: 'generate text' },
  { value: 'embed', label: 'embed text' },
  { value: 'tensor', label: 'tensors in, tensors out' },
] as const satisfies { value: string; label: PlainText }[]

const nothing: SourceParts = { kind: 'hf', place: '', file: '', revision: '' }

/** Has the server fetch a model. `again`: an import that failed, filled in as it was. */
export function ImportDialog({ again, onClose }: { again?: ModelImport; onClose: () => void }) {
  const [source, setSource] = useState(again ? sourceParts(again.source) : nothing)
  const [said, setSaid] = useState<Omit<ImportWish, 'source'>>(again?.wish ?? {})
  const mayName = usePermission('aliases:write')
  const start = useStartImport()
  const field = (name: Exclude<keyof typeof said, 'task'>) => ({
    value: said[name] ?? '',
    onChange: (event: { target: { value: string } }) =>
      setSaid({ ...said, [name]: event.target.value }),
  })
  const filled = Object.entries(said).filter(([, value]) => value.trim() !== '')
  const wish: ImportWish = {
    source: sourceText(source),
    ...Object.fromEntries(filled.map(([name, value]) => [name, value.trim()])),
  }
  const submit = () =>
    start.mutate(wish, {
      onSuccess: () => {
        notify(t('The server is fetching it. It goes on when you close this page.'))
        onClose()
      },
    })

  return (
    <FormDialog
      title={t('Fetch a model')}
      description={t(
        'The server downloads it, checks it against its digest, and keeps it. Nothing of yours is sent.',
      )}
      action={t('Fetch')}
      icon="download"
      busy={start.isPending}
      error={start.error}
      call={start.callOf(wish)}
      onSubmit={submit}
      onClose={onClose}
    >
      <Choice
        label={t('Where from')}
        value={source.kind}
        options={[
          { value: 'hf', label: 'Hugging Face' },
          { value: 'oci', label: t('OCI registry') },
        ]}
        onChange={(kind) => setSource({ ...nothing, kind })}
      />
      <SourceFields source={source} onChange={setSource} />
      {mayName && (
        <TextField
          label={t('Alias (optional)')}
          hint={t('The name programs call it by. An alias that exists moves to this model.')}
          placeholder="assistant@production"
          maxLength={150}
          {...field('alias')}
        />
      )}
      <Part title={t('What you know of it')}>
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label={t('Licence')} placeholder="apache-2.0" {...field('licence')} />
          <TextField
            label={t('Country of origin')}
            placeholder="FR"
            hint={t('Two letters; sources do not say it.')}
            maxLength={20}
            {...field('country')}
          />
          <TextField label={t('Maker')} maxLength={200} {...field('maker')} />
          <TextField label={t('Name')} maxLength={100} {...field('name')} />
          <TextField label={t('Purpose')} maxLength={2000} {...field('purpose')} />
          <Select
            label={t('Task')}
            value={said.task ?? ''}
            onChange={({ target: { value } }) => {
              const { task: _task, ...rest } = said
              setSaid(value ? { ...rest, task: value as NonNullable<ImportWish['task']> } : rest)
            }}
          >
            {tasks.map(({ value, label }) => (
              <option key={value} value={value}>
                {t(label)}
              </option>
            ))}
          </Select>
        </div>
      </Part>
      <Part title={t('Mirror, token and digest')}>
        <TextField
          label={t('Server to ask instead')}
          type="url"
          placeholder="https://mirror.house.example"
          hint={t('A mirror of the house that answers as the source does.')}
          {...field('endpoint')}
        />
        <TextField
          label={t('Name of a stored secret')}
          pattern="[a-z0-9-]{1,60}"
          placeholder="hub-token"
          hint={t('A token, or user:password for a registry. Store it with “Store a secret”.')}
          {...field('secret')}
        />
        <TextField
          label={t('SHA-256 it must have')}
          pattern="[0-9a-f]{64}"
          hint={t('If you know it from elsewhere: nothing else is taken.')}
          {...field('sha256')}
        />
      </Part>
    </FormDialog>
  )
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <details className="group rounded-md border px-3 py-2">
      <summary className="flex cursor-pointer items-center gap-1.5 rounded text-sm font-medium text-ink-2">
        <Icon name="chevron-right" className="size-3.5! group-open:rotate-90" />
        {title}
      </summary>
      <div className="mt-3 space-y-3 pb-1">{children}</div>
    </details>
  )
}
