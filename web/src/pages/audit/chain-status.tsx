import type { ReactNode } from 'react'
import { useAuditStatus, useVerifyAudit } from '../../api/audit.ts'
import { formatCount } from '../../format/numbers.ts'
import { formatAgo, formatExactTime } from '../../format/times.ts'
import { t } from '../../texts/translate.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { VerificationResult } from './verification-result.tsx'

/** How long the chain is, what was signed last, and whether it still holds. */
export function ChainStatus() {
  const { data: status, error, refetch } = useAuditStatus()
  const verify = useVerifyAudit()
  return (
    <Card
      title={t('Chain of records')}
      actions={
        <Button look="primary" icon="audit" busy={verify.isPending} onClick={() => verify.mutate()}>
          {t('Verify')}
        </Button>
      }
    >
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!error && (
        <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-3">
          <Part name={t('Records')}>
            {status ? formatCount(status.records) : <Skeleton className="h-5 w-16" />}
          </Part>
          <Part
            name={t('Last record')}
            note={status?.head && <Digest value={status.head.link} label={t('Copy last link')} />}
          >
            {status?.head ? (
              <span title={formatExactTime(status.head.at)}>
                {formatCount(status.head.seq)}, {formatAgo(status.head.at)}
              </span>
            ) : (
              '–'
            )}
          </Part>
          <Part
            name={t('Last signed checkpoint')}
            note={
              status?.checkpoint && (
                <Digest
                  value={status.checkpoint.key_fingerprint}
                  label={t('Copy key fingerprint')}
                />
              )
            }
          >
            {status?.checkpoint ? (
              <span title={formatExactTime(status.checkpoint.signed_at)}>
                {t('up to {seq}, {ago}', {
                  seq: formatCount(status.checkpoint.seq),
                  ago: formatAgo(status.checkpoint.signed_at),
                })}
              </span>
            ) : (
              t('none yet')
            )}
          </Part>
        </dl>
      )}
      <div aria-live="polite">
        {verify.data && <VerificationResult verification={verify.data} />}
        {verify.error && <ErrorNotice error={verify.error} className="mt-3" />}
      </div>
      {status && (
        <p className="mt-3 flex flex-wrap items-center gap-x-2 border-t pt-3 text-xs text-ink-3">
          {t('Whoever holds the public key can check an export without trusting this server.')}
          <CopyButton text={status.public_key}>{t('Copy public key')}</CopyButton>
        </p>
      )}
    </Card>
  )
}

function Part({ name, note, children }: { name: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="tabular font-semibold">{children}</dd>
      {note && <dd>{note}</dd>}
    </div>
  )
}

function Digest({ value, label }: { value: string; label: string }) {
  return (
    <span className="flex items-center gap-1">
      <code className="truncate font-mono text-2xs text-ink-3">{value}</code>
      <CopyButton text={value} label={label} />
    </span>
  )
}
