import { useState } from 'react'
import { useKeys, useMembers } from '../../api/access.ts'
import { usePermission } from '../../api/session.ts'
import { type Limit, type NewLimit, useSetLimit } from '../../api/usage.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'
import { Select, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { notify } from '../../ui/toast.tsx'
import { formats, spans } from './limit-words.ts'

const units: Record<Limit['metric'], PlainText> = {
  euros: 'Euros',
  tokens: 'Tokens',
  requests: 'Requests',
  joules: 'Joules',
}

const workspace = 'workspace:'

/** Limits what the workspace, a member or a key may use. */
export function LimitDialog({ onClose }: { onClose: () => void }) {
  const [subject, setSubject] = useState(workspace)
  const [metric, setMetric] = useState<Limit['metric']>('euros')
  const [span, setSpan] = useState<Limit['window']>('month')
  const [amount, setAmount] = useState('')
  const set = useSetLimit()
  const [kind, id] = subject.split(':') as [Limit['subject_kind'], string]
  const wish: NewLimit = {
    subject_kind: kind,
    ...(id && { subject_id: id }),
    metric,
    window: span,
    amount: Number(amount),
  }
  const submit = () =>
    set.mutate(wish, {
      onSuccess: () => {
        notify(
          t('Limited to {amount} {span}.', {
            amount: formats[metric](wish.amount),
            span: t(spans[span]),
          }),
        )
        onClose()
      },
    })
  return (
    <FormDialog
      title={t('Set a limit')}
      description={t('A call that would go over it is refused, with the time it starts anew.')}
      action={t('Set')}
      busy={set.isPending}
      error={set.error}
      call={set.callOf(wish)}
      onSubmit={submit}
      onClose={onClose}
    >
      <SubjectSelect value={subject} onChange={setSubject} />
      <div className="grid gap-3 sm:grid-cols-3">
        <TextField
          label={t('At most')}
          type="number"
          min={0}
          step="any"
          required
          value={amount}
          onChange={(event) => setAmount(event.target.value)}
        />
        <Select
          label={t('Of')}
          value={metric}
          onChange={(event) => setMetric(event.target.value as Limit['metric'])}
        >
          {Object.entries(units).map(([value, label]) => (
            <option key={value} value={value}>
              {t(label)}
            </option>
          ))}
        </Select>
        <Select
          label={t('Span')}
          value={span}
          onChange={(event) => setSpan(event.target.value as Limit['window'])}
        >
          {Object.entries(spans).map(([value, label]) => (
            <option key={value} value={value}>
              {t(label)}
            </option>
          ))}
        </Select>
      </div>
    </FormDialog>
  )
}

function SubjectSelect({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const mayReadKeys = usePermission('keys:read')
  const mayReadMembers = usePermission('members:read')
  const { data: keys = [] } = useKeys(mayReadKeys)
  const { data: members = [] } = useMembers(mayReadMembers)
  const active = keys.filter(({ state }) => state === 'active')
  return (
    <Select label={t('Whose use')} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value={workspace}>{t('This whole workspace')}</option>
      {members.length > 0 && (
        <optgroup label={t('Members')}>
          {members.map(({ id, name }) => (
            <option key={id} value={`member:${id}`}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
      {active.length > 0 && (
        <optgroup label={t('Keys')}>
          {active.map(({ id, name }) => (
            <option key={id} value={`key:${id}`}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
    </Select>
  )
}
