import { useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { manifestOfFile, type SingleFile } from '../../../../src/models/single-file.ts'
import { request } from '../../api/client.ts'
import type { ModelPackage } from '../../api/packages.ts'
import { usePermission } from '../../api/session.ts'
import { upload } from '../../api/upload.ts'
import { t } from '../../texts/translate.ts'
import { TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { notify } from '../../ui/toast.tsx'
import { TransferBar, useTransfer } from '../../ui/transfer.tsx'

const path = '/v1/model-files'
const type = 'application/octet-stream'

interface StoredFile {
  sha256: string
  size_bytes: number
  format: SingleFile['format']
}

/** Brings a model file from this machine: sent, its header checked, and registered as a package. */
export function UploadDialog({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null)
  const [said, setSaid] = useState({ name: '', alias: '', licence: '', country: '', maker: '' })
  const mayName = usePermission('aliases:write')
  const client = useQueryClient()
  const transfer = useTransfer()
  const fileId = useId()
  const field = (name: keyof typeof said) => ({
    value: said[name],
    onChange: ({ target }: { target: { value: string } }) =>
      setSaid({ ...said, [name]: target.value }),
  })

  const submit = () => {
    if (!file) return
    const { alias, ...wish } = Object.fromEntries(
      Object.entries(said).flatMap(([name, value]) => (value.trim() ? [[name, value.trim()]] : [])),
    )
    void transfer.start(async (onProgress, signal) => {
      const stored = await upload<StoredFile>({ path, body: file, type }, onProgress, signal)
      const { sha256, size_bytes: sizeBytes, format } = stored
      const manifest = manifestOfFile({ path: file.name, sha256, sizeBytes, format }, wish)
      const body = { manifest, ...(alias && { alias }) }
      const made = await request<ModelPackage>('/v1/packages', { method: 'POST', body, signal })
      const lists = ['packages', 'aliases', 'models']
      await Promise.all(lists.map((name) => client.invalidateQueries({ queryKey: [name] })))
      notify(
        t('{name} is here. Call it as {alias}.', {
          name: made.name,
          alias: made.aliases[0] ?? made.hash,
        }),
      )
      onClose()
    })
  }

  return (
    <FormDialog
      title={t('Upload a model file')}
      description={t(
        'One .gguf or .onnx file of this machine. Its header is checked before it is kept.',
      )}
      action={t('Upload')}
      icon="upload"
      busy={transfer.busy}
      error={null}
      call={{ method: 'POST', path, file: { name: file?.name ?? 'model.gguf', type } }}
      onSubmit={submit}
      onClose={() => {
        transfer.stop()
        onClose()
      }}
    >
      <div>
        <label htmlFor={fileId} className="mb-1 block text-xs font-medium text-ink-2">
          {t('File')}
        </label>
        <input
          id={fileId}
          type="file"
          required
          accept=".gguf,.onnx"
          className="w-full rounded-md border border-line-strong! bg-surface px-2.5 py-1.5 text-sm"
          onChange={({ target }) => setFile(target.files?.[0] ?? null)}
        />
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        {mayName && (
          <TextField
            label={t('Alias (optional)')}
            placeholder="assistant@production"
            maxLength={150}
            {...field('alias')}
          />
        )}
        <TextField label={t('Name')} maxLength={100} {...field('name')} />
        <TextField label={t('Licence')} placeholder="apache-2.0" {...field('licence')} />
        <TextField
          label={t('Country of origin')}
          placeholder="FR"
          maxLength={20}
          {...field('country')}
        />
        <TextField label={t('Maker')} maxLength={200} {...field('maker')} />
      </div>
      <TransferBar transfer={transfer} label={t('Uploading')} />
    </FormDialog>
  )
}
