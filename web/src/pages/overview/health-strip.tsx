import type { HealthState, Overview } from '../../api/overview.ts'
import { formatSeconds } from '../../format/numbers.ts'
import { Dot, type Tone } from '../../ui/badge.tsx'
import { Tooltip } from '../../ui/tooltip.tsx'

const tones: Record<HealthState, Tone> = { ok: 'ok', degraded: 'warn', down: 'bad' }

/** The parts of the house and how they are; what is wrong is said in words. */
export function HealthStrip({ overview }: { overview: Overview }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2">
      <ul aria-label="Health" className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {overview.health.map((part) => (
          <li key={part.name}>
            <Tooltip hint={`${part.name}: ${part.detail ?? part.state}`}>
              <span
                // biome-ignore lint/a11y/noNoninteractiveTabindex: the detail must be reachable by keyboard
                tabIndex={0}
                className="inline-flex items-center gap-1.5 rounded"
              >
                <Dot tone={tones[part.state]} />
                {part.name}
                {part.state === 'ok' ? (
                  <span className="sr-only">ok</span>
                ) : (
                  <strong className="font-semibold text-ink">{part.state}</strong>
                )}
              </span>
            </Tooltip>
          </li>
        ))}
      </ul>
      <span className="text-ink-3">
        v{overview.version} · up {formatSeconds(overview.uptime_seconds)}
      </span>
    </div>
  )
}
