import { useState } from 'react'
import { Link } from 'wouter'
import { type ModelImport, useCancelImport, useModelImports } from '../../api/model-imports.ts'
import { usePermission } from '../../api/session.ts'
import { formatBytes } from '../../format/numbers.ts'
import { remainingTime } from '../../format/remaining.ts'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { ProgressBar } from '../../ui/meter.tsx'
import { RunStatus } from '../../ui/run-status.tsx'
import { notifyError } from '../../ui/toast.tsx'
import { BundleImport } from './bundle-import.tsx'
import { ImportDialog } from './import-dialog.tsx'
import { packagePath } from './package-path.ts'
import { SecretStoreDialog } from './secret-store-dialog.tsx'
import { UploadDialog } from './upload-dialog.tsx'

type Open = { dialog: 'import'; again?: ModelImport } | { dialog: 'secret' | 'upload' } | null

/** Models the server fetches or has fetched, and the ways to bring one. */
export function ImportList() {
  const imports = useModelImports(1_500)
  const mayWrite = usePermission('models:write')
  const mayStore = usePermission('secrets:write')
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <div className="space-y-4">
      <Card
        flush
        title={t('Imports')}
        note={t('from Hugging Face and OCI registries, newest first')}
        actions={
          mayWrite && (
            <>
              {mayStore && (
                <Button size="small" icon="key" onClick={() => setOpen({ dialog: 'secret' })}>
                  {t('Store a secret')}
                </Button>
              )}
              <Button size="small" icon="upload" onClick={() => setOpen({ dialog: 'upload' })}>
                {t('Upload a model file')}
              </Button>
              <Button size="small" icon="download" onClick={() => setOpen({ dialog: 'import' })}>
                {t('Fetch a model')}
              </Button>
            </>
          )
        }
      >
        <Listing
          query={imports}
          loading={t('Loading imports')}
          empty={
            <EmptyState
              icon="download"
              title={t('Nothing has been fetched yet')}
              command="./bastide model import hf:ORGANISATION/REPOSITORY/FILE.gguf"
            >
              {t(
                'The server fetches models by itself, with a digest for every byte, once its egress rules let it.',
              )}
            </EmptyState>
          }
        >
          {(rows) => (
            <ul className="divide-y border-t">
              {rows.map((one) => (
                <ImportRow
                  key={one.id}
                  one={one}
                  mayWrite={mayWrite}
                  onAgain={() => setOpen({ dialog: 'import', again: one })}
                />
              ))}
            </ul>
          )}
        </Listing>
      </Card>
      {mayWrite && <BundleImport />}
      {open?.dialog === 'import' && (
        <ImportDialog {...(open.again && { again: open.again })} onClose={close} />
      )}
      {open?.dialog === 'upload' && <UploadDialog onClose={close} />}
      {open?.dialog === 'secret' && <SecretStoreDialog onClose={close} />}
    </div>
  )
}

const isActive = ({ status }: ModelImport) => status === 'queued' || status === 'running'

function ImportRow({
  one,
  mayWrite,
  onAgain,
}: {
  one: ModelImport
  mayWrite: boolean
  onAgain: () => void
}) {
  const ended = one.status === 'failed' || one.status === 'cancelled'
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="min-w-0 flex-1 basis-56">
          <code className="block truncate font-mono" title={one.source}>
            {one.source}
          </code>
          <p className="flex flex-wrap gap-x-2 text-xs text-ink-3">
            <Ago at={one.created_at} />
            {one.alias && <span>{t('as {alias}', { alias: one.alias })}</span>}
            {one.package && (
              <Link
                href={packagePath(one.package)}
                className="rounded underline underline-offset-3"
              >
                {t('model package')}
              </Link>
            )}
          </p>
        </div>
        <RunStatus status={one.status} />
        {mayWrite && isActive(one) && <CancelImport id={one.id} />}
        {mayWrite && ended && (
          <Button size="small" icon="retry" onClick={onAgain}>
            {t('Try again')}
          </Button>
        )}
      </div>
      {isActive(one) && <Progress one={one} />}
      {one.error && <Failure error={one.error} />}
    </li>
  )
}

function Progress({ one }: { one: ModelImport }) {
  const share = one.total_bytes ? one.done_bytes / one.total_bytes : null
  const seconds = one.started_at ? (Date.now() - Date.parse(one.started_at)) / 1000 : 0
  const done = one.total_bytes
    ? t('{part} of {all}', {
        part: formatBytes(one.done_bytes),
        all: formatBytes(one.total_bytes),
      })
    : one.done_bytes > 0
      ? formatBytes(one.done_bytes)
      : t('waiting')
  const left = remainingTime(share, seconds)
  return (
    <div className="mt-2 flex items-center gap-3">
      <ProgressBar label={t('Fetching {source}', { source: one.source })} share={share} />
      <span className="tabular text-xs whitespace-nowrap text-ink-2">
        {left ? `${done} · ${left}` : done}
      </span>
    </div>
  )
}

/** What a guard at the wall refused, an egress rule may allow; the rest its words explain. */
function Failure({ error }: { error: NonNullable<ModelImport['error']> }) {
  return (
    <p className="mt-1 text-xs text-pretty text-bad-ink">
      {error.message} <code className="font-mono">({error.code})</code>{' '}
      {error.code === 'forbidden' && (
        <Link href="/egress" className="rounded underline underline-offset-3">
          {t('Allow it under Egress')}
        </Link>
      )}
      {error.code === 'unreadable_file' && (
        <Link href="/models/quarantine" className="rounded underline underline-offset-3">
          {t('Look at it in quarantine')}
        </Link>
      )}
    </p>
  )
}

function CancelImport({ id }: { id: string }) {
  const cancel = useCancelImport()
  return (
    <Button
      look="quiet"
      size="small"
      icon="close"
      busy={cancel.isPending}
      onClick={() => cancel.mutate(id, { onError: notifyError })}
    >
      {t('Cancel')}
    </Button>
  )
}
