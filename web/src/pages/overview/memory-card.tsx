import { Link } from 'wouter'
import type { Overview } from '../../api/overview.ts'
import { formatBytes } from '../../format/numbers.ts'
import { formatAgo } from '../../format/times.ts'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { Meter } from '../../ui/meter.tsx'

/** Which models hold memory, and how much of the budget is left. */
export function MemoryCard({ overview: { models_loaded, memory } }: { overview: Overview }) {
  const used = formatBytes(memory.engines_bytes)
  const budget = formatBytes(memory.budget_bytes)
  const share = t('{part} of {all}', { part: used, all: budget })
  return (
    <Card title={t('Models in memory')} note={share}>
      <Meter
        label={t('Memory of loaded models')}
        share={memory.budget_bytes > 0 ? memory.engines_bytes / memory.budget_bytes : 0}
        text={share}
      />
      {models_loaded.length === 0 ? (
        <p className="py-8 text-center text-pretty text-ink-2">
          {t('No model is loaded. The first request for a model loads it.')}
        </p>
      ) : (
        <ul className="mt-3 divide-y">
          {models_loaded.map((model) => (
            <li key={model.hash} className="flex items-center gap-3 py-2">
              <div className="min-w-0 flex-1">
                <Link
                  href={`/models/packages/${encodeURIComponent(model.hash)}`}
                  className="block truncate rounded font-medium hover:text-accent"
                >
                  {model.name}
                </Link>
                <p className="truncate text-xs text-ink-3">
                  {model.engine}
                  {model.last_used_at &&
                    ` · ${t('used {ago}', { ago: formatAgo(model.last_used_at) })}`}
                </p>
              </div>
              {model.active_requests > 0 && (
                <Badge tone="accent">
                  {t('{count} running', { count: model.active_requests })}
                </Badge>
              )}
              <span className="tabular text-xs whitespace-nowrap text-ink-2">
                {formatBytes(model.memory_bytes)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-2 border-t pt-2.5 text-xs text-ink-3">
        {t('The program itself uses {bytes}.', { bytes: formatBytes(memory.process_bytes) })}
      </p>
    </Card>
  )
}
