import { useId } from 'react'
import { Link } from 'wouter'
import type { AuditRecord } from '../../api/audit.ts'
import { formatCount } from '../../format/numbers.ts'
import { formatExactTime, formatShortTime } from '../../format/times.ts'
import { CodeBlock } from '../../markdown/code-block.tsx'
import { t } from '../../texts/translate.ts'
import { classes } from '../../ui/classes.ts'
import { Icon } from '../../ui/icon.tsx'
import { Outcome } from '../../ui/outcome.tsx'

/** Content hashes are long and told apart by their beginning. */
const shortId = (id: string) => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id)

/** One record as a line; opened, as it stands in the chain. */
export function RecordRow({
  record,
  open,
  onToggle,
}: {
  record: AuditRecord
  open: boolean
  onToggle: () => void
}) {
  const id = useId()
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={onToggle}
        className="flex w-full items-center gap-3 px-4 py-2 text-left outline-offset-[-2px] hover:bg-canvas"
      >
        <Icon
          name="chevron-right"
          className={classes('size-3.5! text-ink-3 transition-transform', open && 'rotate-90')}
        />
        <span className="tabular w-12 shrink-0 text-right text-xs text-ink-3">
          {formatCount(record.seq)}
        </span>
        <span className="min-w-0 flex-1 sm:flex sm:items-center sm:gap-3">
          <span translate="no" className="block truncate font-medium sm:w-40 sm:shrink-0">
            {record.kind}
          </span>
          <span className="block min-w-0 flex-1 truncate text-xs text-ink-2">
            {record.actor.name ?? record.actor.id}
            {record.subject && (
              <span translate="no" className="text-ink-3">
                {' '}
                → {record.subject.kind} {shortId(record.subject.id)}
              </span>
            )}
          </span>
        </span>
        <Outcome outcome={record.outcome} />
        <span
          className="tabular hidden w-28 shrink-0 text-right text-xs text-ink-3 md:block"
          title={formatExactTime(record.at)}
        >
          {formatShortTime(record.at)}
        </span>
      </button>
      {open && <RecordDetails id={id} record={record} />}
    </li>
  )
}

const detailLink = 'rounded text-accent underline decoration-dotted underline-offset-3'

function RecordDetails({ id, record }: { id: string; record: AuditRecord }) {
  const call = typeof record.details.call === 'string' ? record.details.call : null
  const packageHash = record.subject?.kind === 'package' ? record.subject.id : null
  return (
    <div id={id} className="space-y-2 bg-canvas px-4 pt-1 pb-4">
      <p className="flex flex-wrap gap-x-4 text-xs text-ink-2">
        <span>{formatExactTime(record.at)}</span>
        {call && (
          <Link href={`/usage/entries?call=${encodeURIComponent(call)}`} className={detailLink}>
            {t('ledger entry of this call')}
          </Link>
        )}
        {packageHash && (
          <Link href={`/models/packages/${encodeURIComponent(packageHash)}`} className={detailLink}>
            {t('model package')}
          </Link>
        )}
      </p>
      <CodeBlock language="json" text={JSON.stringify(record, null, 2)} />
    </div>
  )
}
