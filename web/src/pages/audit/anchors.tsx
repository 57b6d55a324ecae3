import { type Anchor, useAnchorNow, useAnchors } from '../../api/audit.ts'
import { usePermission } from '../../api/session.ts'
import { formatCount } from '../../format/numbers.ts'
import { Ago } from '../../ui/ago.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Listing } from '../../ui/listing.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { notify } from '../../ui/toast.tsx'

const kinds: Record<Anchor['kind'], string> = {
  countersignature: 'countersigned by',
  timestamp: 'time-stamped by',
  file: 'written to',
}

const shown = 20

/** Who outside this installation vouches for the chain, and up to where. */
export function Anchors() {
  const anchors = useAnchors()
  const mayAnchor = usePermission('audit:anchor')
  const now = useAnchorNow()
  const run = () =>
    now.mutate(undefined, {
      onSuccess: ({ data, failures }) => {
        if (failures.length === 0) {
          notify(data.length > 0 ? 'The chain was anchored.' : 'There is nothing new to anchor.')
        }
      },
    })
  const failed = now.data?.failures ?? []
  return (
    <Card
      flush
      title="Anchors"
      note="Evidence that not even this installation can rewrite"
      actions={
        mayAnchor && (
          <Button size="small" busy={now.isPending} onClick={run}>
            Anchor now
          </Button>
        )
      }
    >
      {now.error && <ErrorNotice error={now.error} className="m-3" />}
      {failed.map((failure) => (
        <ErrorNotice key={failure} error={new Error(failure)} className="m-3" />
      ))}
      <Listing
        query={anchors}
        loading="Loading anchors"
        empty={
          <EmptyState
            icon="audit"
            title="Nobody outside vouches for the chain yet"
            command="./bastide audit countersign --key witness.key --receipt receipt.json"
          >
            Let a second person countersign it, or set a folder on a share or a time-stamping
            authority (BASTIDE_ANCHOR_FOLDER, BASTIDE_TIMESTAMP_URL).
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label="Anchors"
            rows={rows.slice(0, shown)}
            rowKey={(anchor) => anchor.id}
            columns={columns}
          />
        )}
      </Listing>
    </Card>
  )
}

const columns: Column<Anchor>[] = [
  {
    key: 'seq',
    heading: 'Up to record',
    align: 'right',
    className: 'w-28',
    cell: ({ seq }) => formatCount(seq),
  },
  {
    key: 'by',
    heading: 'Evidence',
    className: 'max-w-40 sm:max-w-96',
    cell: ({ kind, by }) => (
      <span className="block truncate" title={by}>
        {kinds[kind]} <code className="font-mono text-ink-2">{by}</code>
      </span>
    ),
  },
  {
    key: 'at',
    heading: 'When',
    from: 'sm',
    className: 'text-ink-2',
    cell: ({ at }) => <Ago at={at} />,
  },
]
