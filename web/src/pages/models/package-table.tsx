import { Link } from 'wouter'
import { type ModelPackage, usePackages } from '../../api/packages.ts'
import { formatBytes } from '../../format/numbers.ts'
import { formatAgo, formatExactTime } from '../../format/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { PolicyBadge, SignatureBadge } from './package-facts.tsx'
import { packagePath } from './package-path.ts'

export function PackageTable() {
  const { data: packages, error, refetch } = usePackages()
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />
  return (
    <Card flush>
      {!packages && <SkeletonRows label="Loading packages" />}
      {packages?.length === 0 && (
        <EmptyState
          icon="models"
          title="No package yet"
          command="./bastide model import ./model.gguf"
        >
          A package is a folder with weights, a card and a signature. Import one:
        </EmptyState>
      )}
      {packages && packages.length > 0 && (
        <Table label="Packages" rows={packages} rowKey={({ hash }) => hash} columns={columns} />
      )}
    </Card>
  )
}

const columns: Column<ModelPackage>[] = [
  {
    key: 'name',
    heading: 'Package',
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
          {item.aliases.length > 0 ? item.aliases.join(', ') : 'no alias'}
        </span>
      </>
    ),
  },
  { key: 'task', heading: 'Task', from: 'sm', cell: (item) => <Badge>{item.task}</Badge> },
  {
    key: 'licence',
    heading: 'Licence',
    from: 'lg',
    className: 'max-w-32 truncate text-ink-2',
    cell: (item) => item.card.licence ?? '–',
  },
  {
    key: 'signature',
    heading: 'Signature',
    from: 'md',
    className: 'max-w-52',
    cell: (item) => <SignatureBadge item={item} />,
  },
  { key: 'policy', heading: 'Policy', cell: (item) => <PolicyBadge item={item} /> },
  {
    key: 'size',
    heading: 'Size',
    align: 'right',
    className: 'whitespace-nowrap',
    cell: (item) => formatBytes(item.size_bytes),
  },
  {
    key: 'imported',
    heading: 'Imported',
    from: 'lg',
    align: 'right',
    className: 'whitespace-nowrap text-ink-2',
    cell: (item) => (
      <span title={formatExactTime(item.created_at)}>{formatAgo(item.created_at)}</span>
    ),
  },
]
