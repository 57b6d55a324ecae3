import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { useAuditRecords } from '../../api/audit.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { AuditFilters, filterOf } from './audit-filters.tsx'
import { RecordRow } from './record-row.tsx'

/** The records, newest first. `?seq=` starts at one of them and opens it. */
export function AuditRecords() {
  const [search] = useSearchParams()
  const filter = filterOf(search)
  const wanted = filter.seq
  const records = useAuditRecords(filter)
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set(wanted ? [wanted] : []))
  const toggle = (seq: number) => {
    const next = new Set(open)
    if (!next.delete(seq)) next.add(seq)
    setOpen(next)
  }
  return (
    <Card
      flush
      title={t('Records')}
      note={wanted ? t('from record {seq} back', { seq: wanted }) : t('newest first')}
    >
      <AuditFilters />
      <Listing
        query={records}
        loading={t('Loading audit records')}
        skeletonRows={8}
        empty={
          <EmptyState icon="audit" title={t('No record matches')}>
            {rich(
              'Kinds are written like <code>call</code>, <code>key.create</code> or <code>key.*</code>; who and what by name, id or kind. Clear the filter to see all.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
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
      </Listing>
      <MoreRows query={records}>{t('Show older records')}</MoreRows>
    </Card>
  )
}
