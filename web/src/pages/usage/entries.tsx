import { useSearchParams } from 'wouter'
import { useUsageEntries } from '../../api/usage.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
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
  const open = entries.data?.find((entry) => entry.call_id === call)
  const keyName = entries.data?.[0]?.key_name ?? key

  return (
    <div className="space-y-3">
      {(model || key) && (
        <div className="flex flex-wrap gap-2">
          {model && (
            <Filter text={t('Model {name}', { name: model })} onRemove={() => set('model', null)} />
          )}
          {key && (
            <Filter
              text={t('Key {name}', { name: keyName ?? key })}
              onRemove={() => set('key', null)}
            />
          )}
        </div>
      )}
      {call && entries.data && !open && (
        <p role="status" className="rounded-md bg-sunken px-3 py-2 text-ink-2">
          {rich('Call <code>{call}</code> is not among the entries shown.', { call })}{' '}
          {t(entries.hasNextPage ? 'Show older entries to find it.' : 'It may not be booked yet.')}
        </p>
      )}
      <Card flush>
        <Listing
          query={entries}
          loading={t('Loading ledger entries')}
          skeletonRows={8}
          empty={
            <EmptyState icon="usage" title={t('No ledger entry')}>
              {t('Each call to a model is booked here when it ends.')}
            </EmptyState>
          }
        >
          {(rows) => (
            <Table
              label={t('Ledger entries')}
              rows={rows}
              rowKey={(entry) => entry.id}
              columns={entryColumns((entry) => set('call', entry.call_id))}
            />
          )}
        </Listing>
        <MoreRows query={entries}>{t('Show older entries')}</MoreRows>
      </Card>
      {open && <EntryDialog entry={open} onClose={() => set('call', null)} />}
    </div>
  )
}

function Filter({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <Button
      size="small"
      icon="close"
      onClick={onRemove}
      aria-label={t('Remove the filter: {text}', { text })}
    >
      {text}
    </Button>
  )
}
