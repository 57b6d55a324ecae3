import { Link } from 'wouter'
import { type ModelPackage, usePackages } from '../../api/packages.ts'
import { formatBytes } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { BringModel } from './bring-model.tsx'
import { PolicyBadge, SignatureBadge } from './package-facts.tsx'
import { packagePath } from './package-path.ts'

export function PackageTable() {
  const packages = usePackages()
  return (
    <Card flush>
      <Listing
        query={packages}
        loading={t('Loading packages')}
        empty={
          <EmptyState
            icon="models"
            title={t('No package yet')}
            command="./bastide model import ./model.gguf"
            action={<BringModel />}
          >
            {t('A package is a folder with weights, a card and a signature. Import one:')}
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label={t('Packages')}
            rows={rows}
            rowKey={({ hash }) => hash}
            columns={columns()}
          />
        )}
      </Listing>
    </Card>
  )
}

const columns = (): Column<ModelPackage>[] => [
  {
    key: 'name',
    heading: t('Package'),
    className: 'max-w-72',
    cell: (item) => (
      <>
        <Link
          href={packagePath(item.hash)}
          className="block truncate rounded font-medium hover:text-accent"
        >
          {item.name} <span className="font-normal text-ink-2">{item.version}</span>
        </Link>
        <span className="block truncate text-xs text-ink-3">
          {item.aliases.length > 0 ? item.aliases.join(', ') : t('no alias')}
        </span>
      </>
    ),
  },
  { key: 'task', heading: t('Task'), from: 'sm', cell: (item) => <Badge>{item.task}</Badge> },
  {
    key: 'licence',
    heading: t('Licence'),
    from: 'lg',
    className: 'max-w-32 truncate text-ink-2',
    cell: (item) => item.card.licence ?? '–',
  },
  {
    key: 'signature',
    heading: t('Signature'),
    from: 'md',
    className: 'max-w-52',
    cell: (item) => <SignatureBadge item={item} />,
  },
  { key: 'policy', heading: t('Policy'), cell: (item) => <PolicyBadge item={item} /> },
  {
    key: 'size',
    heading: t('Size'),
    align: 'right',
    className: 'whitespace-nowrap',
    cell: (item) => formatBytes(item.size_bytes),
  },
  {
    key: 'imported',
    heading: t('Imported'),
    from: 'lg',
    align: 'right',
    className: 'whitespace-nowrap text-ink-2',
    cell: (item) => <Ago at={item.created_at} />,
  },
]
