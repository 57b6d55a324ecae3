import { useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Link } from 'wouter'
import type { ImportedBundle } from '../../api/packages.ts'
import { upload } from '../../api/upload.ts'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { buttonClasses } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { classes } from '../../ui/classes.ts'
import { CopyCurl } from '../../ui/copy-curl.tsx'
import { Icon } from '../../ui/icon.tsx'
import { TransferBar, useTransfer } from '../../ui/transfer.tsx'
import { packagePath } from './package-path.ts'

const type = 'application/x-tar'
const path = '/v1/bundles'

/** Takes in a bundle that another installation made: all of its models, or none. */
export function BundleImport() {
  const id = useId()
  const client = useQueryClient()
  const transfer = useTransfer()
  const [imported, setImported] = useState<ImportedBundle | null>(null)
  const send = (file: File | undefined) => {
    if (!file) return
    setImported(null)
    void transfer.start(async (onProgress, signal) => {
      setImported(await upload<ImportedBundle>({ path, body: file, type }, onProgress, signal))
      const lists = ['packages', 'aliases', 'models']
      await Promise.all(lists.map((name) => client.invalidateQueries({ queryKey: [name] })))
    })
  }
  return (
    <Card title={t('Bundle')} note={t('models in one signed file, from an installation elsewhere')}>
      <div className="flex flex-wrap items-center gap-3">
        <label
          htmlFor={id}
          className={classes(
            buttonClasses('secondary', 'medium'),
            'cursor-pointer focus-within:outline-2 focus-within:outline-accent',
            transfer.busy && 'pointer-events-none opacity-50',
          )}
        >
          <Icon name="upload" />
          {t('Choose a bundle')}
          <input
            id={id}
            type="file"
            accept=".tar,application/x-tar"
            className="sr-only"
            disabled={transfer.busy}
            onChange={({ target }) => {
              send(target.files?.[0])
              // Choosing the same file again must count again.
              target.value = ''
            }}
          />
        </label>
        <CopyCurl call={{ method: 'POST', path, file: { name: 'models.tar', type } }} />
        <p className="min-w-0 flex-1 basis-60 text-xs text-pretty text-ink-3">
          {t(
            'Its signature is checked first, then every file against its hash. A package page makes bundles.',
          )}
        </p>
      </div>
      <div className="mt-3 empty:hidden" aria-live="polite">
        <TransferBar transfer={transfer} label={t('Importing')} />
        {imported && <Imported bundle={imported} />}
      </div>
    </Card>
  )
}

function Imported({ bundle: { signer, packages } }: { bundle: ImportedBundle }) {
  return (
    <div role="status" className="rounded-md bg-ok-soft px-3 py-2.5">
      <p className="text-xs text-ink-2">
        {t('Signed by {who} ({fingerprint}).', {
          who: signer.name ?? t('an unknown key'),
          fingerprint: signer.fingerprint,
        })}
      </p>
      <ul>
        {packages.map((one) => (
          <li key={one.hash} className="flex flex-wrap items-center gap-x-2">
            <Link href={packagePath(one.hash)} className="rounded font-medium hover:text-accent">
              {one.name} {one.version}
            </Link>
            {one.policy.reason && <Badge tone="bad">{one.policy.reason}</Badge>}
          </li>
        ))}
      </ul>
    </div>
  )
}
