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
import { apiWord } from '../../texts/api-word.ts'
import { t } from '../../texts/translate.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { SourceLabel, sourcedText } from '../../ui/sourced.tsx'

/** All that is booked for one call. */
export function EntryDialog({ entry, onClose }: { entry: UsageEntry; onClose: () => void }) {
  const source = entry.joules_source
  const facts: [string, ReactNode][] = [
    [t('Time'), formatExactTime(entry.at)],
    [t('Status'), apiWord(entry.status)],
    [t('Model'), entry.model],
    [t('Task'), entry.task],
    [t('Key'), entry.key_name ?? '–'],
    [
      t('Tokens in'),
      t('{in} ({cached} cached)', {
        in: formatCount(entry.input_tokens),
        cached: formatCount(entry.cached_tokens),
      }),
    ],
    [t('Tokens out'), formatCount(entry.output_tokens)],
    [t('Pages'), formatCount(entry.pages)],
    [t('Waited'), formatSeconds(entry.queue_seconds)],
    [t('Ran'), formatSeconds(entry.run_seconds)],
    [
      t('Processor time'),
      entry.cpu_seconds === null ? t('not known') : formatSeconds(entry.cpu_seconds),
    ],
    [
      t('Energy'),
      <span key="energy" className="inline-flex flex-wrap items-center gap-x-2">
        {sourcedText(entry.joules, source, formatJoules)} <SourceLabel source={source} />
      </span>,
    ],
    [t('Carbon'), `${sourcedText(entry.grams_co2e, source, formatGrams)} CO₂e`],
    [t('Cost'), sourcedText(entry.euros, source, formatEurosExactly)],
    [t('Call'), <Id key="call" value={entry.call_id} />],
    [
      t('Audit record'),
      entry.audit_seq === null ? (
        t('not yet written')
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
    <Dialog title={t('Ledger entry')} placement="side" onClose={onClose}>
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
