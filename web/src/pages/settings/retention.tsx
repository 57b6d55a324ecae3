import { type FormEvent, useState } from 'react'
import { usePermission } from '../../api/session.ts'
import {
  type RetentionKind,
  type RetentionRule,
  retentionKinds,
  useRetention,
  useSetRetention,
} from '../../api/settings.ts'
import { formatExactTime, formatTime } from '../../format/times.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { TextField } from '../../ui/field.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'

const kinds: Record<RetentionKind, { name: PlainText; counted: PlainText }> = {
  files: { name: 'Files', counted: 'counted from when they were uploaded' },
  documents: {
    name: 'Documents',
    counted: 'with pages and words, counted from when they were read',
  },
  batches: { name: 'Batches', counted: 'with their answers, counted from when they finished' },
  responses: { name: 'Answers', counted: 'kept by clients of the Responses API' },
}

/** How long each kind is kept. */
export function Retention() {
  const { data: rules, error, refetch } = useRetention()
  const mayWrite = usePermission('retention:write')
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />
  return (
    <Card
      flush
      title={t('How long things are kept')}
      note={t('What is over age is removed within the hour')}
    >
      {!rules && <SkeletonRows label={t('Loading retention rules')} />}
      <ul className="divide-y border-t">
        {rules &&
          retentionKinds.map((kind) => (
            <Kind
              key={kind}
              kind={kind}
              rule={rules.find((rule) => rule.kind === kind) ?? null}
              mayWrite={mayWrite}
            />
          ))}
      </ul>
    </Card>
  )
}

function Kind({
  kind,
  rule,
  mayWrite,
}: {
  kind: RetentionKind
  rule: RetentionRule | null
  mayWrite: boolean
}) {
  const { name, counted } = kinds[kind]
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-52">
        <p className="font-medium">
          {rich('{kind}: {kept}', { kind: t(name), kept: <Kept rule={rule} /> })}
        </p>
        <p className="text-xs text-ink-3">{t(counted)}</p>
      </div>
      {mayWrite && <Change kind={kind} rule={rule} />}
    </li>
  )
}

function Kept({ rule }: { rule: RetentionRule | null }) {
  if (!rule) return <>{t('until somebody removes them')}</>
  return (
    <span title={t('set {time}', { time: formatExactTime(rule.changed_at) })}>
      {t('{count, plural, one {# day} other {# days}}', { count: rule.days })}
    </span>
  )
}

function Change({ kind, rule }: { kind: RetentionKind; rule: RetentionRule | null }) {
  const [days, setDays] = useState(rule ? String(rule.days) : '')
  const [asking, setAsking] = useState(false)
  const set = useSetRetention()
  const name = t(kinds[kind].name)
  const wanted = days.trim() === '' ? null : Number(days)
  const unchanged = wanted === (rule?.days ?? null)

  const change = { kind, days: wanted }
  const done = () =>
    wanted
      ? t('{kind}: kept for {count, plural, one {# day} other {# days}}.', {
          kind: name,
          count: wanted,
        })
      : t('{kind}: kept until somebody removes them.', { kind: name })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // Keeping longer takes nothing away; anything else may.
    const shorter = wanted !== null && (rule === null || wanted < rule.days)
    if (shorter) setAsking(true)
    else set.mutate(change, { onSuccess: () => notify(done()), onError: notifyError })
  }

  return (
    <form onSubmit={submit} className="flex items-center gap-2">
      <TextField
        label={t('{kind}: days to keep them', { kind: name })}
        hideLabel
        type="number"
        min={1}
        max={36500}
        placeholder={t('for ever')}
        className="w-28"
        value={days}
        onChange={(event) => setDays(event.target.value)}
      />
      <span aria-hidden="true" className="text-ink-2">
        {t('days')}
      </span>
      <Button type="submit" disabled={unchanged} busy={set.isPending && !asking}>
        {rich('Set<hidden>: {kind}</hidden>', { kind: name })}
      </Button>
      {asking && wanted !== null && (
        <Confirm
          title={t('{kind}: keep for {count, plural, one {# day} other {# days}}', {
            kind: name,
            count: wanted,
          })}
          action={t('Remove what is older')}
          icon="trash"
          mutation={set}
          variables={change}
          done={done}
          onClose={() => setAsking(false)}
        >
          {t(
            'Everything from before {time} is removed now, for good, and what gets older after it.',
            { time: formatTime(new Date(Date.now() - wanted * 86_400_000).toISOString()) },
          )}
        </Confirm>
      )}
    </form>
  )
}
