import { type Anchor, anchorPath, useAnchorNow, useAnchors } from '../../api/audit.ts'
import { usePermission } from '../../api/session.ts'
import { formatCount } from '../../format/numbers.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Button, buttonClasses } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Listing } from '../../ui/listing.tsx'
import { actionsColumn, type Column, Table } from '../../ui/table.tsx'
import { notify } from '../../ui/toast.tsx'

const kinds: Record<Anchor['kind'], PlainText> = {
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
          notify(t(data.length > 0 ? 'The chain was anchored.' : 'There is nothing new to anchor.'))
        }
      },
    })
  const failed = now.data?.failures ?? []
  return (
    <Card
      flush
      title={t('Anchors')}
      note={t('Evidence that not even this installation can rewrite')}
      actions={
        mayAnchor && (
          <Button size="small" busy={now.isPending} onClick={run}>
            {t('Anchor now')}
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
        loading={t('Loading anchors')}
        empty={
          <EmptyState
            icon="audit"
            title={t('Nobody outside vouches for the chain yet')}
            command="./bastide audit countersign --key witness.key --receipt receipt.json"
          >
            {t(
              'Let a second person countersign it, or set a folder on a share or a time-stamping authority (BASTIDE_ANCHOR_FOLDER, BASTIDE_TIMESTAMP_URL).',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label={t('Anchors')}
            rows={rows.slice(0, shown)}
            rowKey={(anchor) => anchor.id}
            columns={columns()}
          />
        )}
      </Listing>
    </Card>
  )
}

const columns = (): Column<Anchor>[] => [
  {
    key: 'seq',
    heading: t('Up to record'),
    align: 'right',
    className: 'w-28',
    cell: ({ seq }) => formatCount(seq),
  },
  {
    key: 'by',
    heading: t('Evidence'),
    className: 'max-w-40 sm:max-w-96',
    cell: ({ kind, by }) => (
      <span className="block truncate" title={by}>
        {t(kinds[kind])} <code className="font-mono text-ink-2">{by}</code>
      </span>
    ),
  },
  {
    key: 'at',
    heading: t('When'),
    from: 'sm',
    className: 'text-ink-2',
    cell: ({ at }) => <Ago at={at} />,
  },
  actionsColumn(({ id, seq }) => (
    <a
      download={`audit-anchor-${seq}-${id}.json`}
      href={anchorPath(id)}
      className={buttonClasses('secondary', 'small')}
    >
      <Icon name="download" />
      {rich('Keep<hidden> the evidence at record {seq}</hidden>', { seq })}
    </a>
  )),
]
