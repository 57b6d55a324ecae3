import { type EgressRule, useDisallow, type useEgressRules } from '../../api/egress.ts'
import { usePrincipalName } from '../../api/session.ts'
import { formatAgo, formatExactTime } from '../../format/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'

/** Where the server may connect to. */
export function Rules({
  rules,
  mayWrite,
}: {
  rules: ReturnType<typeof useEgressRules>
  mayWrite: boolean
}) {
  const { data, error, refetch } = rules
  const nameOf = usePrincipalName()
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />
  return (
    <Card flush title="Allowed">
      {!data && <SkeletonRows label="Loading rules" />}
      {data?.length === 0 && (
        <EmptyState icon="audit" title="Nothing may leave">
          No destination is allowed, so Bastide connects to nothing outside this machine.
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <Table
          label="Allowed destinations"
          rows={data}
          rowKey={(rule) => rule.id}
          columns={columns(mayWrite, nameOf)}
        />
      )}
    </Card>
  )
}

function columns(mayWrite: boolean, nameOf: (id: string) => string): Column<EgressRule>[] {
  return [
    {
      key: 'destination',
      heading: 'Destination',
      className: 'max-w-56 sm:max-w-96',
      cell: ({ host, port, allow_private }) => (
        <span className="flex flex-wrap items-center gap-2">
          <code className="truncate font-mono">
            {host}:{port}
          </code>
          {allow_private && <Badge>may be private</Badge>}
        </span>
      ),
    },
    {
      key: 'since',
      heading: 'Allowed',
      from: 'sm',
      className: 'max-w-56 truncate text-ink-2',
      cell: ({ created_at, created_by }) => (
        <span title={formatExactTime(created_at)}>
          {formatAgo(created_at)} by {nameOf(created_by)}
        </span>
      ),
    },
    {
      key: 'actions',
      heading: <span className="sr-only">Actions</span>,
      align: 'right',
      cell: (rule) => mayWrite && <Refuse rule={rule} />,
    },
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
          onSuccess: () => notify(`${place} is refused from now on.`),
          onError: notifyError,
        })
      }
    >
      Refuse<span className="sr-only"> {place}</span>
    </Button>
  )
}
