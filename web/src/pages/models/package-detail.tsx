import { Link } from 'wouter'
import { bundleOf, type ModelPackage, usePackages } from '../../api/packages.ts'
import { formatBytes } from '../../format/numbers.ts'
import { formatTime } from '../../format/times.ts'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Icon } from '../../ui/icon.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { TransferBar, useTransfer } from '../../ui/transfer.tsx'
import { PackageActions } from './package-actions.tsx'
import { Fact, originOf, PolicyBadge, SignatureBadge } from './package-facts.tsx'
import { packagesPath } from './package-path.ts'

/** Everything the house knows about one package. */
export function PackageDetail({ hash }: { hash: string }) {
  const { data: packages, error, refetch } = usePackages()
  const transfer = useTransfer()
  const item = packages?.find((candidate) => candidate.hash === hash)
  return (
    <>
      <PageHeader
        title={item ? `${item.name} ${item.version}` : t('Package')}
        back={
          <Link
            href={packagesPath}
            className="mb-1 -ml-1 inline-flex items-center rounded text-xs text-ink-2 hover:text-ink"
          >
            <Icon name="chevron-left" className="size-3.5!" />
            {t('Packages')}
          </Link>
        }
        description={item && <Badges item={item} />}
        actions={item && <PackageActions item={item} transfer={transfer} />}
        calls={item ? [{ ...bundleOf(hash), output: 'models.tar' }] : []}
      />
      <div className="mb-4 empty:hidden">
        <TransferBar transfer={transfer} label={t('Exporting')} />
      </div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!packages && !error && <Skeleton className="h-72 w-full rounded-lg" />}
      {packages && !item && (
        <Card flush>
          <EmptyState icon="models" title={t('This package is not here')}>
            {t('It may have been removed, or belong to another organisation.')}
          </EmptyState>
        </Card>
      )}
      {item && (
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <CardOfModel item={item} />
          <Provenance item={item} />
          <Card
            flush
            title={t('Files')}
            note={formatBytes(item.size_bytes)}
            className="lg:col-span-2"
          >
            {item.files.length === 0 && (
              <p className="border-t px-4 py-4 text-ink-2">
                {t('None of its own: what it needs is part of the program.')}
              </p>
            )}
            {item.files.length > 0 && (
              <Table
                label={t('Files')}
                rows={item.files}
                rowKey={({ path }) => path}
                columns={fileColumns()}
              />
            )}
          </Card>
        </div>
      )}
    </>
  )
}

function Badges({ item }: { item: ModelPackage }) {
  return (
    <div className="mt-1 flex flex-wrap items-center gap-1.5">
      <Badge>{item.task}</Badge>
      <Badge>{item.engine}</Badge>
      <SignatureBadge item={item} />
      <PolicyBadge item={item} />
      {item.aliases.map((alias) => (
        <Badge key={alias} tone="accent">
          {alias}
        </Badge>
      ))}
    </div>
  )
}

const facts = 'grid grid-cols-[auto_1fr] gap-x-5 gap-y-2'

function CardOfModel({ item: { card, ...item } }: { item: ModelPackage }) {
  return (
    <Card title={t('Card')}>
      <dl className={facts}>
        <Fact name={t('Purpose')}>{card.purpose || t('not stated')}</Fact>
        <Fact name={t('Limits')}>{card.limits || t('not stated')}</Fact>
        <Fact name={t('Training data')}>{card.training_data || t('not stated')}</Fact>
        <Fact name={t('Licence')}>{card.licence ?? t('not stated')}</Fact>
        <Fact name={t('Origin')}>{originOf({ card, ...item })}</Fact>
      </dl>
    </Card>
  )
}

function Provenance({ item }: { item: ModelPackage }) {
  return (
    <Card title={t('Provenance')}>
      <dl className={facts}>
        <Fact name={t('Content hash')}>
          <Hash value={item.hash} />
        </Fact>
        <Fact name={t('Signed with')}>
          {item.signature ? (
            <code className="font-mono text-xs break-all">{item.signature.key_fingerprint}</code>
          ) : (
            t('no signature')
          )}
        </Fact>
        {item.signature && (
          <Fact name={t('Signer')}>
            {item.signature.own ? t('this house') : (item.signature.signer ?? t('an unknown key'))}
          </Fact>
        )}
        <Fact name={t('Policy')}>
          {item.policy.reason ?? t('Allowed by the rules of this house.')}
        </Fact>
        <Fact name={t('Imported')}>{formatTime(item.created_at)}</Fact>
      </dl>
    </Card>
  )
}

function Hash({ value }: { value: string }) {
  return (
    <span className="flex items-start gap-1">
      <code className="font-mono text-xs break-all">{value}</code>
      <CopyButton text={value} label={t('Copy hash')} />
    </span>
  )
}

const fileColumns = (): Column<ModelPackage['files'][number]>[] => [
  {
    key: 'path',
    heading: t('Path'),
    className: 'font-mono text-xs break-all',
    cell: (file) => file.path,
  },
  {
    key: 'hash',
    heading: 'SHA-256',
    from: 'md',
    className: 'max-w-96 truncate font-mono text-xs text-ink-2',
    cell: (file) => <span title={file.sha256}>{file.sha256}</span>,
  },
  {
    key: 'size',
    heading: t('Size'),
    align: 'right',
    className: 'whitespace-nowrap',
    cell: (file) => formatBytes(file.size_bytes),
  },
]
