import { useState } from 'react'
import { type Quarantined, useQuarantine, useRemoveQuarantined } from '../../api/model-imports.ts'
import { usePermission } from '../../api/session.ts'
import { formatBytes } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'

/** Files that failed a check: what, why, and what to do. */
export function QuarantineList() {
  const quarantine = useQuarantine()
  const mayWrite = usePermission('models:write')
  const [removing, setRemoving] = useState<Quarantined | null>(null)
  return (
    <Card flush title={t('Quarantine')} note={t('out of every engine’s reach')}>
      <Listing
        query={quarantine}
        loading={t('Loading the quarantine')}
        empty={
          <EmptyState icon="audit" title={t('No model file has failed a check')}>
            {t(
              'A file that is not what its source named, whose header is unsound, or that was changed on disk is set aside here.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <>
            <p className="border-t px-4 py-2.5 text-xs text-pretty text-ink-2">
              {t(
                'Look into why, and tell whoever made the file. What is in quarantine is never let out: remove it, and fetch the right file again.',
              )}
            </p>
            <ul className="divide-y border-t">
              {rows.map((one) => (
                <li key={one.id} className="flex flex-wrap items-start gap-x-3 gap-y-2 px-4 py-3">
                  <Found one={one} />
                  {mayWrite && (
                    <Button size="small" look="danger" onClick={() => setRemoving(one)}>
                      {t('Remove')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
      </Listing>
      {removing && <RemoveQuarantined one={removing} onClose={() => setRemoving(null)} />}
    </Card>
  )
}

function Found({ one }: { one: Quarantined }) {
  return (
    <div className="min-w-0 flex-1 basis-64">
      <p className="truncate font-medium">{one.name}</p>
      <p className="text-pretty text-bad-ink">{one.reason}</p>
      <p className="mt-0.5 flex flex-wrap gap-x-2 text-xs text-ink-3">
        <Ago at={one.created_at} />
        <span>{formatBytes(one.size_bytes)}</span>
        <span className="break-all">{t('from {source}', { source: one.source })}</span>
      </p>
      <p className="flex items-center gap-1 text-ink-3">
        <code className="truncate font-mono text-2xs">{one.sha256}</code>
        <CopyButton text={one.sha256} label={t('Copy hash')} />
      </p>
    </div>
  )
}

function RemoveQuarantined({ one, onClose }: { one: Quarantined; onClose: () => void }) {
  const remove = useRemoveQuarantined()
  return (
    <Confirm
      title={t('Remove {name} for good', { name: one.name })}
      action={t('Remove')}
      icon="trash"
      mutation={remove}
      variables={one.id}
      done={() => t('{name} is removed.', { name: one.name })}
      onClose={onClose}
    >
      {t(
        'The file is deleted. Keep a copy first if somebody should examine it; its digest and the reason stay in the audit log.',
      )}
    </Confirm>
  )
}
