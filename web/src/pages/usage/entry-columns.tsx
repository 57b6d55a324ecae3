import type { UsageEntry } from '../../api/usage.ts'
import { formatCount, formatEuros, formatJoules, formatSeconds } from '../../format/numbers.ts'
import { formatExactTime, formatShortTime } from '../../format/times.ts'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Sourced, sourcedText } from '../../ui/sourced.tsx'
import type { Column } from '../../ui/table.tsx'

const figures = (): Column<UsageEntry>[] => [
  {
    key: 'model',
    heading: t('Model'),
    className: 'max-w-32 truncate font-medium sm:max-w-52',
    cell: (entry) => <span title={entry.model}>{entry.model}</span>,
  },
  { key: 'task', heading: t('Task'), from: 'lg', cell: (entry) => <Badge>{entry.task}</Badge> },
  {
    key: 'key',
    heading: t('Key'),
    from: 'md',
    className: 'max-w-36 truncate text-ink-2',
    cell: (entry) => entry.key_name ?? '–',
  },
  {
    key: 'amount',
    heading: t('Amount'),
    align: 'right',
    from: 'sm',
    className: 'whitespace-nowrap',
    cell: amountOf,
  },
  {
    key: 'time',
    heading: t('Took'),
    align: 'right',
    from: 'md',
    className: 'whitespace-nowrap',
    cell: (entry) => formatSeconds(entry.run_seconds),
  },
  {
    key: 'energy',
    heading: t('Energy'),
    align: 'right',
    className: 'whitespace-nowrap',
    cell: (entry) => (
      <Sourced value={entry.joules} format={formatJoules} source={entry.joules_source} />
    ),
  },
  {
    key: 'euros',
    heading: t('Cost'),
    align: 'right',
    from: 'lg',
    className: 'whitespace-nowrap',
    cell: (entry) => sourcedText(entry.euros, entry.joules_source, formatEuros),
  },
  {
    key: 'status',
    heading: t('Status'),
    from: 'sm',
    cell: (entry) => <Outcome outcome={entry.status} />,
  },
]

export function entryColumns(onOpen: (entry: UsageEntry) => void): Column<UsageEntry>[] {
  return [
    {
      key: 'at',
      heading: t('Time'),
      className: 'whitespace-nowrap',
      cell: (entry) => (
        <button
          type="button"
          onClick={() => onOpen(entry)}
          title={formatExactTime(entry.at)}
          className="tabular rounded text-left hover:text-accent hover:underline"
        >
          {formatShortTime(entry.at)}
        </button>
      ),
    },
    ...figures(),
  ]
}

/** Pages for readers, tokens for the rest. */
function amountOf(entry: UsageEntry): string {
  if (entry.pages > 0) {
    return t('{count, plural, one {# page} other {# pages}}', { count: entry.pages })
  }
  return t('{in} → {out} tokens', {
    in: formatCount(entry.input_tokens),
    out: formatCount(entry.output_tokens),
  })
}
