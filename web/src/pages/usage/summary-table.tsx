import { Link } from 'wouter'
import type { Usage, UsageGroup, UsageRow } from '../../api/usage.ts'
import {
  formatCompact,
  formatCount,
  formatEuros,
  formatGrams,
  formatJoules,
  formatSeconds,
} from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Sourced, sourcedText } from '../../ui/sourced.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { groupTexts, rowEntries, rowName } from './groups.ts'
import { bucketLabel } from './range.ts'

export function SummaryTable({ usage, group }: { usage: Usage; group: UsageGroup }) {
  const total: UsageRow = usage.total
  return (
    <Table
      label={t('Usage by group')}
      rows={usage.data}
      rowKey={(row) => row[group] ?? 'none'}
      columns={columns(group, total)}
      footer={total}
    />
  )
}

function nameOf(row: UsageRow, group: UsageGroup): string {
  if ((group === 'day' || group === 'hour') && row[group]) {
    const start = new Date(
      /T\d\d$/.test(row[group]) ? `${row[group]}:00Z` : row[group],
    ).toISOString()
    return group === 'day'
      ? bucketLabel(start, 'day')
      : `${start.slice(0, 10)} ${start.slice(11, 16)}`
  }
  return rowName(row, group)
}

const counts = (): Column<UsageRow>[] => [
  {
    key: 'requests',
    heading: t('Requests'),
    align: 'right',
    cell: (row) => formatCount(row.requests),
  },
  {
    key: 'failed',
    heading: t('Failed'),
    align: 'right',
    from: 'lg',
    cell: (row) => formatCount(row.failed),
  },
  {
    key: 'input',
    heading: t('Tokens in'),
    align: 'right',
    from: 'sm',
    cell: (row) => formatCompact(row.input_tokens),
  },
  {
    key: 'output',
    heading: t('Tokens out'),
    align: 'right',
    from: 'sm',
    cell: (row) => formatCompact(row.output_tokens),
  },
  {
    key: 'pages',
    heading: t('Pages'),
    align: 'right',
    from: 'lg',
    cell: (row) => formatCompact(row.pages),
  },
  {
    key: 'time',
    heading: t('Model time'),
    align: 'right',
    from: 'xl',
    className: 'whitespace-nowrap',
    cell: (row) => formatSeconds(row.run_seconds),
  },
]

function columns(group: UsageGroup, total: UsageRow): Column<UsageRow>[] {
  const entries = (row: UsageRow) => (row === total ? '/usage/entries' : rowEntries(row, group))
  return [
    {
      key: 'name',
      heading: t(groupTexts[group].name),
      className: 'max-w-56 truncate',
      cell: (row) => {
        if (row === total) return t('Total')
        const to = entries(row)
        const name = nameOf(row, group)
        if (!to) return name
        return (
          <Link href={to} className="rounded font-medium hover:text-accent" title={name}>
            {name}
          </Link>
        )
      },
    },
    ...counts(),
    {
      key: 'energy',
      heading: t('Energy'),
      align: 'right',
      className: 'whitespace-nowrap',
      cell: (row) => (
        <Sourced
          value={row.joules}
          format={formatJoules}
          source={row.joules_source}
          to={entries(row)}
        />
      ),
    },
    {
      key: 'co2e',
      heading: 'CO₂e',
      align: 'right',
      from: 'lg',
      className: 'whitespace-nowrap',
      cell: (row) => sourcedText(row.grams_co2e, row.joules_source, formatGrams),
    },
    {
      key: 'euros',
      heading: t('Cost'),
      align: 'right',
      from: 'md',
      className: 'whitespace-nowrap',
      cell: (row) => sourcedText(row.euros, row.joules_source, formatEuros),
    },
  ]
}
