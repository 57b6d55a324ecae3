import { useState } from 'react'
import type { Destination, EgressRule, useDestinations } from '../../api/egress.ts'
import { formatCount } from '../../format/numbers.ts'
import { formatAgo, formatExactTime } from '../../format/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Choice } from '../../ui/choice.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { type Column, Table } from '../../ui/table.tsx'

type Allow = (destination: Pick<Destination, 'host' | 'port'>) => void

/** Everything the server ever tried to reach, or was made to try. */
export function Destinations({
  destinations,
  rules,
  onAllow,
}: {
  destinations: ReturnType<typeof useDestinations>
  rules: EgressRule[]
  onAllow?: Allow
}) {
  const { data, error, refetch } = destinations
  const [outcome, setOutcome] = useState<'all' | Destination['outcome']>('all')
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />
  const rows = data?.filter((row) => outcome === 'all' || row.outcome === outcome)
  return (
    <Card
      flush
      title="Attempted"
      actions={
        <Choice
          label="Which attempts"
          value={outcome}
          onChange={setOutcome}
          options={[
            { value: 'all', label: 'All' },
            { value: 'allowed', label: 'Allowed' },
            { value: 'refused', label: 'Refused' },
          ]}
        />
      }
    >
      {!rows && <SkeletonRows label="Loading destinations" />}
      {rows?.length === 0 && (
        <EmptyState icon="audit" title={outcome === 'all' ? 'No attempt yet' : `None ${outcome}`}>
          A remote model, an identity provider or a document by address is seen here with its first
          attempt.
        </EmptyState>
      )}
      {rows && rows.length > 0 && (
        <Table
          label="Attempted destinations"
          rows={rows}
          rowKey={({ host, port, outcome: how }) => `${host}:${port} ${how}`}
          columns={columns(rules, onAllow)}
        />
      )}
    </Card>
  )
}

function columns(rules: EgressRule[], onAllow?: Allow): Column<Destination>[] {
  const isAllowed = ({ host, port }: Destination) =>
    rules.some((rule) => rule.host === host && rule.port === port)
  return [
    {
      key: 'destination',
      heading: 'Destination',
      className: 'max-w-48 sm:max-w-80',
      cell: ({ host, port, reason, outcome }) => (
        <>
          <code className="block truncate font-mono">
            {host}:{port}
          </code>
          {outcome === 'refused' && <span className="block truncate text-ink-3">{reason}</span>}
        </>
      ),
    },
    {
      key: 'outcome',
      heading: 'Outcome',
      cell: ({ outcome }) => <Badge tone={outcome === 'allowed' ? 'ok' : 'bad'}>{outcome}</Badge>,
    },
    {
      key: 'purpose',
      heading: 'For',
      from: 'md',
      className: 'max-w-48 truncate text-ink-2',
      cell: ({ purpose }) => purpose,
    },
    {
      key: 'attempts',
      heading: 'Attempts',
      align: 'right',
      from: 'sm',
      cell: ({ attempts }) => formatCount(attempts),
    },
    {
      key: 'last',
      heading: 'Last',
      from: 'sm',
      className: 'text-ink-2',
      cell: ({ last_at }) => <span title={formatExactTime(last_at)}>{formatAgo(last_at)}</span>,
    },
    {
      key: 'actions',
      heading: <span className="sr-only">Actions</span>,
      align: 'right',
      cell: (row) =>
        onAllow &&
        row.outcome === 'refused' &&
        !isAllowed(row) && (
          <Button size="small" onClick={() => onAllow(row)}>
            Allow…
            <span className="sr-only">
              {row.host}:{row.port}
            </span>
          </Button>
        ),
    },
  ]
}
