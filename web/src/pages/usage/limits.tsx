import { type Limit, useLimits } from '../../api/usage.ts'
import { formatCompact, formatEuros, formatJoules } from '../../format/numbers.ts'
import { formatTime } from '../../format/times.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { Meter } from '../../ui/meter.tsx'
import { metricOf } from './metrics.ts'

const formats: Record<Limit['metric'], (value: number) => string> = {
  requests: (value) => t('{amount} requests', { amount: formatCompact(value) }),
  tokens: (value) => t('{amount} tokens', { amount: formatCompact(value) }),
  euros: formatEuros,
  joules: formatJoules,
}

const spans: Record<Limit['window'], PlainText> = {
  minute: 'per minute',
  hour: 'per hour',
  day: 'per day',
  month: 'per month',
  total: 'in total',
}

/** What is used, without the unit where the limit behind it names it. */
function formatAmount({ metric, used }: Limit): string {
  return metric === 'requests' || metric === 'tokens' ? formatCompact(used) : formats[metric](used)
}

/** From here on a limit is shown as nearly used up. */
const nearlyFull = 0.9

export function Limits() {
  const limits = useLimits()
  return (
    <Card flush>
      <Listing
        query={limits}
        loading={t('Loading limits')}
        empty={
          <EmptyState
            icon="sliders"
            title={t('No limit is set')}
            command={`curl ${location.origin}/v1/limits \\\n  -H "Authorization: Bearer $BASTIDE_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '{"metric": "euros", "window": "month", "amount": 50}'`}
          >
            {t(
              'Limits hold tokens, euros, joules or requests of a key, a member or the workspace.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <ul className="divide-y">
            {rows.map((limit) => (
              <LimitRow key={limit.id} limit={limit} />
            ))}
          </ul>
        )}
      </Listing>
    </Card>
  )
}

function LimitRow({ limit }: { limit: Limit }) {
  const format = formats[limit.metric]
  const share = limit.amount > 0 ? limit.used / limit.amount : 1
  const reserved = limit.amount > 0 ? limit.reserved / limit.amount : 0
  const full = share + reserved >= nearlyFull
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <span className="min-w-0 truncate font-medium">
          {limit.subject_name ?? limit.subject_id}
        </span>
        <Badge>{t(limit.subject_kind)}</Badge>
        {full && (
          <Badge tone="bad" icon="alert">
            {t(share >= 1 ? 'used up' : 'nearly used up')}
          </Badge>
        )}
        <span className="tabular ml-auto text-ink-2">
          {rich('<strong>{used}</strong> of {amount} {span}', {
            used: formatAmount(limit),
            amount: format(limit.amount),
            span: t(spans[limit.window]),
          })}
        </span>
      </div>
      <div className="mt-2">
        <Meter
          label={`${limit.subject_name ?? limit.subject_id}, ${t(metricOf(limit.metric).label)} ${t(spans[limit.window])}`}
          share={share}
          second={reserved}
          tone={full ? 'bad' : limit.metric === 'joules' ? 'energy' : 'accent'}
          text={t('{part} of {all}', { part: format(limit.used), all: format(limit.amount) })}
        />
      </div>
      <p className="mt-1.5 flex flex-wrap justify-between gap-x-3 text-xs text-ink-3">
        <span>
          {limit.reserved > 0
            ? t('{amount} set aside for running calls', { amount: format(limit.reserved) })
            : ' '}
        </span>
        <span>
          {limit.resets_at
            ? t('starts anew {time}', { time: formatTime(limit.resets_at) })
            : t('never reset')}
        </span>
      </p>
    </li>
  )
}
