import { useSearchParams } from 'wouter'
import { type UsageEntry, useUsageEntries } from '../../api/usage.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { Table } from '../../ui/table.tsx'
import { entryColumns } from './entry-columns.tsx'
import { EntryDialog } from './entry-dialog.tsx'

/** The ledger, call by call. `?model=` and `?key=` narrow it, `?call=` opens one entry. */
export function Entries() {
  const [search, setSearch] = useSearchParams()
  const model = search.get('model')
  const key = search.get('key')
  const call = search.get('call')
  const entries = useUsageEntries({ model, key })
  const rows = entries.data?.pages.flatMap((page) => page.data) ?? []
  const set = (name: string, value: string | null) =>
    setSearch(
      (current) => {
        const next = new URLSearchParams(current)
        if (value === null) next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  const open = rows.find((entry) => entry.call_id === call)
  const keyName = rows[0]?.key_name ?? key

  return (
    <div className="space-y-3">
      {(model || key) && (
        <div className="flex flex-wrap gap-2">
          {model && <Filter text={`Model ${model}`} onRemove={() => set('model', null)} />}
          {key && <Filter text={`Key ${keyName}`} onRemove={() => set('key', null)} />}
        </div>
      )}
      {entries.error && (
        <ErrorNotice error={entries.error} onRetry={() => void entries.refetch()} />
      )}
      {call && entries.data && !open && (
        <p role="status" className="rounded-md bg-sunken px-3 py-2 text-ink-2">
          Call <code className="font-mono text-xs">{call}</code> is not among the entries shown.{' '}
          {entries.hasNextPage ? 'Show older entries to find it.' : 'It may not be booked yet.'}
        </p>
      )}
      <Card flush>
        {entries.isPending && <SkeletonRows rows={8} label="Loading ledger entries" />}
        {entries.data && rows.length === 0 && (
          <EmptyState icon="usage" title="No ledger entry">
            Each call to a model is booked here when it ends.
          </EmptyState>
        )}
        {rows.length > 0 && (
          <Table<UsageEntry>
            label="Ledger entries"
            rows={rows}
            rowKey={(entry) => entry.id}
            columns={entryColumns((entry) => set('call', entry.call_id))}
          />
        )}
        {entries.hasNextPage && (
          <div className="border-t p-2 text-center">
            <Button
              look="quiet"
              busy={entries.isFetchingNextPage}
              onClick={() => void entries.fetchNextPage()}
            >
              Show older entries
            </Button>
          </div>
        )}
      </Card>
      {open && <EntryDialog entry={open} onClose={() => set('call', null)} />}
    </div>
  )
}

function Filter({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <Button size="small" icon="close" onClick={onRemove} aria-label={`Remove the filter: ${text}`}>
      {text}
    </Button>
  )
}
