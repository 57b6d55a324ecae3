import { useState } from 'react'
import { usePermission } from '../../api/session.ts'
import { type Limit, useLimits, useRemoveLimit } from '../../api/usage.ts'
import { formatCompact } from '../../format/numbers.ts'
import { formatTime } from '../../format/times.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { Meter } from '../../ui/meter.tsx'
import { LimitDialog } from './limit-dialog.tsx'
import { formats, spans } from './limit-words.ts'
import { metricOf } from './metrics.ts'

/** What is used, without the unit where the limit behind it names it. */
function formatAmount({ metric, used }: Limit): string {
  return metric === 'requests' || metric === 'tokens' ? formatCompact(used) : formats[metric](used)
}

/** From here on a limit is shown as nearly used up. */
const nearlyFull = 0.9

export function Limits() {
  const limits = useLimits()
  const mayWrite = usePermission('limits:write')
  const [setting, setSetting] = useState(false)
  const [removing, setRemoving] = useState<Limit | null>(null)
  return (
    <Card
      flush
      title={t('Limits and budgets')}
      note={t('what is over one is refused before it runs')}
      actions={
        mayWrite && (
          <Button size="small" icon="plus" onClick={() => setSetting(true)}>
            {t('Set a limit')}
          </Button>
        )
      }
    >
      <Listing
        query={limits}
        loading={t('Loading limits')}
        empty={
          <EmptyState icon="sliders" title={t('No limit is set')}>
            {t(
              'Limits hold tokens, euros, joules or requests of a key, a member or the workspace.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <ul className="divide-y border-t">
            {rows.map((limit) => (
              <LimitRow
                key={limit.id}
                limit={limit}
                onRemove={mayWrite ? () => setRemoving(limit) : null}
              />
            ))}
          </ul>
        )}
      </Listing>
      {setting && <LimitDialog onClose={() => setSetting(false)} />}
      {removing && <RemoveLimit limit={removing} onClose={() => setRemoving(null)} />}
    </Card>
  )
}

const subjectOf = (limit: Limit) => limit.subject_name ?? limit.subject_id

function RemoveLimit({ limit, onClose }: { limit: Limit; onClose: () => void }) {
  const remove = useRemoveLimit()
  return (
    <Confirm
      title={t('Remove the limit of {name}', { name: subjectOf(limit) })}
      action={t('Remove')}
      icon="trash"
      mutation={remove}
      variables={limit.id}
      done={() => t('The limit is removed.')}
      onClose={onClose}
    >
      {t('From now on {amount} {span} no longer holds anybody back here.', {
        amount: formats[limit.metric](limit.amount),
        span: t(spans[limit.window]),
      })}
    </Confirm>
  )
}

function LimitRow({ limit, onRemove }: { limit: Limit; onRemove: (() => void) | null }) {
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
        {onRemove && (
          <IconButton
            icon="trash"
            size="small"
            label={t('Remove the limit of {name}', { name: subjectOf(limit) })}
            onClick={onRemove}
          />
        )}
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
