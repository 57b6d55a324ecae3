import { type EgressRule, useDisallow, type useEgressRules } from '../../api/egress.ts'
import { usePrincipalName } from '../../api/session.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { actionsColumn, type Column, Table } from '../../ui/table.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'

/** Where the server may connect to. */
export function Rules({
  rules,
  mayWrite,
}: {
  rules: ReturnType<typeof useEgressRules>
  mayWrite: boolean
}) {
  const nameOf = usePrincipalName()
  return (
    <Card flush title={t('Allowed')}>
      <Listing
        query={rules}
        loading={t('Loading rules')}
        empty={
          <EmptyState icon="audit" title={t('Nothing may leave')}>
            {t('No destination is allowed, so Bastide connects to nothing outside this machine.')}
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label={t('Allowed destinations')}
            rows={rows}
            rowKey={(rule) => rule.id}
            columns={columns(mayWrite, nameOf)}
          />
        )}
      </Listing>
    </Card>
  )
}

function columns(mayWrite: boolean, nameOf: (id: string) => string): Column<EgressRule>[] {
  return [
    {
      key: 'destination',
      heading: t('Destination'),
      className: 'max-w-56 sm:max-w-96',
      cell: ({ host, port, allow_private }) => (
        <span className="flex flex-wrap items-center gap-2">
          <code className="truncate font-mono">
            {host}:{port}
          </code>
          {allow_private && <Badge>{t('may be private')}</Badge>}
        </span>
      ),
    },
    {
      key: 'since',
      heading: t('Allowed'),
      from: 'sm',
      className: 'max-w-56 truncate text-ink-2',
      cell: ({ created_at, created_by }) => (
        <>{rich('{ago} by {who}', { ago: <Ago at={created_at} />, who: nameOf(created_by) })}</>
      ),
    },
    actionsColumn((rule) => mayWrite && <Refuse rule={rule} />),
  ]
}

function Refuse({ rule }: { rule: EgressRule }) {
  const disallow = useDisallow()
  const place = `${rule.host}:${rule.port}`
  return (
    <Button
      size="small"
      look="danger"
      busy={disallow.isPending}
      onClick={() =>
        disallow.mutate(rule.id, {
          onSuccess: () => notify(t('{place} is refused from now on.', { place })),
          onError: notifyError,
        })
      }
    >
      {rich('Refuse<hidden> {place}</hidden>', { place })}
    </Button>
  )
}
