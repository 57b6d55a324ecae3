import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { UsageEntry } from '../../api/usage.ts'
import {
  formatCount,
  formatEurosExactly,
  formatGrams,
  formatJoules,
  formatSeconds,
} from '../../format/numbers.ts'
import { formatExactTime } from '../../format/times.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { SourceLabel, sourcedText } from '../../ui/sourced.tsx'

/** All that is booked for one call. */
export function EntryDialog({ entry, onClose }: { entry: UsageEntry; onClose: () => void }) {
  const source = entry.joules_source
  const facts: [string, ReactNode][] = [
    ['Time', formatExactTime(entry.at)],
    ['Status', entry.status],
    ['Model', entry.model],
    ['Task', entry.task],
    ['Key', entry.key_name ?? '–'],
    [
      'Tokens in',
      `${formatCount(entry.input_tokens)} (${formatCount(entry.cached_tokens)} cached)`,
    ],
    ['Tokens out', formatCount(entry.output_tokens)],
    ['Pages', formatCount(entry.pages)],
    ['Waited', formatSeconds(entry.queue_seconds)],
    ['Ran', formatSeconds(entry.run_seconds)],
    ['Processor time', entry.cpu_seconds === null ? 'not known' : formatSeconds(entry.cpu_seconds)],
    [
      'Energy',
      <span key="energy" className="inline-flex flex-wrap items-center gap-x-2">
        {sourcedText(entry.joules, source, formatJoules)} <SourceLabel source={source} />
      </span>,
    ],
    ['Carbon', `${sourcedText(entry.grams_co2e, source, formatGrams)} CO₂e`],
    ['Cost', sourcedText(entry.euros, source, formatEurosExactly)],
    ['Call', <Id key="call" value={entry.call_id} />],
    [
      'Audit record',
      entry.audit_seq === null ? (
        'not yet written'
      ) : (
        <Link
          key="audit"
          href={`/audit?seq=${entry.audit_seq}`}
          className="rounded text-accent underline decoration-dotted underline-offset-3"
        >
          {formatCount(entry.audit_seq)}
        </Link>
      ),
    ],
  ]
  return (
    <Dialog title="Ledger entry" placement="side" onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-2.5">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="tabular min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}

function Id({ value }: { value: string }) {
  return <code className="font-mono text-xs break-all">{value}</code>
}
