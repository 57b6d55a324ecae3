import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { useAuditRecords } from '../../api/audit.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { RecordRow } from './record-row.tsx'

/** The records, newest first. `?seq=` starts at one of them and opens it. */
export function AuditRecords() {
  const [search] = useSearchParams()
  const wanted = Number(search.get('seq')) || null
  const kind = search.get('kind')
  const actor = search.get('actor')
  const records = useAuditRecords({ seq: wanted, kind, actor })
  const rows = records.data?.pages.flatMap((page) => page.data) ?? []
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set(wanted ? [wanted] : []))
  const toggle = (seq: number) => {
    const next = new Set(open)
    if (!next.delete(seq)) next.add(seq)
    setOpen(next)
  }
  return (
    <Card flush title="Records" note={wanted ? `from record ${wanted} back` : 'newest first'}>
      <AuditFilters />
      {records.error && (
        <div className="p-4">
          <ErrorNotice error={records.error} onRetry={() => void records.refetch()} />
        </div>
      )}
      {records.isPending && <SkeletonRows rows={8} label="Loading audit records" />}
      {records.data && rows.length === 0 && (
        <EmptyState icon="audit" title="No record matches">
          Kinds are written like <code className="font-mono">call</code> or{' '}
          <code className="font-mono">key.create</code>; actors by their id.
        </EmptyState>
      )}
      {rows.length > 0 && (
        <ol className="divide-y border-t">
          {rows.map((record) => (
            <RecordRow
              key={record.seq}
              record={record}
              open={open.has(record.seq)}
              onToggle={() => toggle(record.seq)}
            />
          ))}
        </ol>
      )}
      {records.hasNextPage && (
        <div className="border-t p-2 text-center">
          <Button
            look="quiet"
            busy={records.isFetchingNextPage}
            onClick={() => void records.fetchNextPage()}
          >
            Show older records
          </Button>
        </div>
      )}
    </Card>
  )
}
