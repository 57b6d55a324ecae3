import type { HealthState, Overview } from '../../api/overview.ts'
import { formatSeconds } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Dot, type Tone } from '../../ui/badge.tsx'
import { Tooltip } from '../../ui/tooltip.tsx'

const tones: Record<HealthState, Tone> = { ok: 'ok', degraded: 'warn', down: 'bad' }

/** How the parts of the house are: one word while all is well, else what is wrong, in words. */
export function HealthStrip({ overview }: { overview: Overview }) {
  const unwell = overview.health.filter((part) => part.state !== 'ok')
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-2">
      {unwell.map((part) => (
        <span key={part.name} className="inline-flex items-center gap-1.5">
          <Dot tone={tones[part.state]} />
          <strong className="font-semibold text-ink">
            {part.name} {t(part.state)}
          </strong>
          {part.detail}
        </span>
      ))}
      <Tooltip hint={<PartList overview={overview} />}>
        <button type="button" className="inline-flex items-center gap-1.5 rounded">
          {unwell.length === 0 && <Dot tone="ok" />}
          {unwell.length === 0
            ? t('All {count} parts healthy', { count: overview.health.length })
            : t('All parts')}
        </button>
      </Tooltip>
      <span className="text-ink-3">
        {t('v{version}, up {time}', {
          version: overview.version,
          time: formatSeconds(overview.uptime_seconds),
        })}
      </span>
    </div>
  )
}

function PartList({ overview }: { overview: Overview }) {
  return (
    <ul className="space-y-1">
      {overview.health.map((part) => (
        <li key={part.name} className="flex items-center gap-1.5">
          <Dot tone={tones[part.state]} />
          {part.name}
          <span className="text-ink-3">{part.detail ?? t(part.state)}</span>
        </li>
      ))}
    </ul>
  )
}
