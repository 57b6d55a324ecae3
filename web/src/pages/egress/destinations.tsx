import { useState } from 'react'
import type { Destination, EgressRule, useDestinations } from '../../api/egress.ts'
import { formatCount } from '../../format/numbers.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Choice } from '../../ui/choice.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { actionsColumn, type Column, Table } from '../../ui/table.tsx'

type Allow = (destination: Pick<Destination, 'host' | 'port'>) => void

const emptyTitles = {
  all: 'No attempt yet',
  allowed: 'None allowed',
  refused: 'None refused',
} as const satisfies Record<'all' | Destination['outcome'], PlainText>

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
  const [outcome, setOutcome] = useState<'all' | Destination['outcome']>('all')
  return (
    <Card
      flush
      title={t('Attempted')}
      actions={
        <Choice
          label={t('Which attempts')}
          value={outcome}
          onChange={setOutcome}
          options={[
            { value: 'all', label: t('All') },
            { value: 'allowed', label: t('Allowed') },
            { value: 'refused', label: t('Refused') },
          ]}
        />
      }
    >
      <Listing
        query={destinations}
        loading={t('Loading destinations')}
        keep={(row) => outcome === 'all' || row.outcome === outcome}
        empty={
          <EmptyState icon="audit" title={t(emptyTitles[outcome])}>
            {t(
              'A remote model, an identity provider or a document by address is seen here with its first attempt.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label={t('Attempted destinations')}
            rows={rows}
            rowKey={({ host, port, outcome: how }) => `${host}:${port} ${how}`}
            columns={columns(rules, onAllow)}
          />
        )}
      </Listing>
    </Card>
  )
}

function columns(rules: EgressRule[], onAllow?: Allow): Column<Destination>[] {
  const isAllowed = ({ host, port }: Destination) =>
    rules.some((rule) => rule.host === host && rule.port === port)
  return [
    {
      key: 'destination',
      heading: t('Destination'),
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
      heading: t('Outcome'),
      cell: ({ outcome }) => (
        <Badge tone={outcome === 'allowed' ? 'ok' : 'bad'}>{t(outcome)}</Badge>
      ),
    },
    {
      key: 'purpose',
      heading: t('For'),
      from: 'md',
      className: 'max-w-48 truncate text-ink-2',
      cell: ({ purpose }) => purpose,
    },
    {
      key: 'attempts',
      heading: t('Attempts'),
      align: 'right',
      from: 'sm',
      cell: ({ attempts }) => formatCount(attempts),
    },
    {
      key: 'last',
      heading: t('Last'),
      from: 'sm',
      className: 'text-ink-2',
      cell: ({ last_at }) => <Ago at={last_at} />,
    },
    actionsColumn(
      (row) =>
        onAllow &&
        row.outcome === 'refused' &&
        !isAllowed(row) && (
          <Button size="small" onClick={() => onAllow(row)}>
            {rich('Allow…<hidden> {place}</hidden>', { place: `${row.host}:${row.port}` })}
          </Button>
        ),
    ),
  ]
}
