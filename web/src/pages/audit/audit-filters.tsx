import { type FormEvent, useState } from 'react'
import { useSearchParams } from 'wouter'
import type { AuditFilter } from '../../api/audit.ts'
import { apiWord } from '../../texts/api-word.ts'
import { t } from '../../texts/translate.ts'
import { Button } from '../../ui/button.tsx'
import { Select, TextField } from '../../ui/field.tsx'

/** Offered as one types; any other kind may be typed too. */
const knownKinds = [
  'alias.promote',
  'alias.rollback',
  'backup.create',
  'call',
  'document.create',
  'document.erase',
  'egress.*',
  'egress.allow',
  'key.*',
  'key.create',
  'key.revoke',
  'key.rotate',
  'limit.create',
  'member.*',
  'member.add',
  'member.change',
  'model.import',
  'model.remove',
  'model.sign',
  'retention.set',
  'secret.set',
  'session.start',
  'webhook.add',
]

const outcomes = ['ok', 'failed', 'refused'] as const

const fields = ['kind', 'actor', 'subject', 'outcome', 'from', 'to', 'seq'] as const
type Values = Record<(typeof fields)[number], string>

/** What the address asks for. Its days are the reader's, from midnight to midnight. */
export function filterOf(search: URLSearchParams): AuditFilter {
  return {
    kind: search.get('kind'),
    actor: search.get('actor'),
    subject: search.get('subject'),
    outcome: search.get('outcome'),
    from: midnight(search.get('from'), 0),
    to: midnight(search.get('to'), 1),
    seq: Number(search.get('seq')) || null,
  }
}

function midnight(day: string | null, daysLater: number): string | null {
  const [year, month, date] = (day ?? '').split('-').map(Number)
  if (!year || !month || !date) return null
  return new Date(year, month - 1, date + daysLater).toISOString()
}

const valuesOf = (search: URLSearchParams) =>
  Object.fromEntries(fields.map((name) => [name, search.get(name) ?? ''])) as Values

/** Narrows the records; the choice is kept in the address. */
export function AuditFilters() {
  const [search, setSearch] = useSearchParams()
  const [values, setValues] = useState(() => valuesOf(search))
  // The way back in the browser's history changes the address without this form.
  const address = search.toString()
  const [shown, setShown] = useState(address)
  if (shown !== address) {
    setShown(address)
    setValues(valuesOf(search))
  }
  const active = fields.some((name) => search.has(name))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const filled = Object.entries(values).filter(([, value]) => value.trim() !== '')
    setSearch(new URLSearchParams(filled.map(([name, value]) => [name, value.trim()])))
  }
  const field = (name: keyof Values) => ({
    value: values[name],
    onChange: ({ target }: { target: { value: string } }) =>
      setValues({ ...values, [name]: target.value }),
  })
  return (
    <search>
      <form onSubmit={submit} className="grid grid-cols-2 items-end gap-2 px-4 pb-3 sm:grid-cols-4">
        <TextField
          label={t('Kind')}
          placeholder="key.*"
          list="audit-kinds"
          maxLength={100}
          {...field('kind')}
        />
        <datalist id="audit-kinds">
          {knownKinds.map((kind) => (
            <option key={kind} value={kind} />
          ))}
        </datalist>
        <TextField
          label={t('By whom')}
          placeholder={t('Name or id')}
          maxLength={200}
          {...field('actor')}
        />
        <TextField
          label={t('To what')}
          placeholder={t('Id, or a kind such as key')}
          maxLength={200}
          {...field('subject')}
        />
        <Select label={t('Outcome')} {...field('outcome')}>
          <option value="">{t('all')}</option>
          {outcomes.map((outcome) => (
            <option key={outcome} value={outcome}>
              {apiWord(outcome)}
            </option>
          ))}
        </Select>
        <TextField label={t('From day')} type="date" {...field('from')} />
        <TextField label={t('To day')} type="date" {...field('to')} />
        <TextField label={t('From record')} type="number" min={1} {...field('seq')} />
        <div className="flex gap-2">
          <Button type="submit" icon="search">
            {t('Find')}
          </Button>
          {active && (
            <Button
              look="quiet"
              onClick={() => {
                setValues(valuesOf(new URLSearchParams()))
                setSearch({})
              }}
            >
              {t('Clear')}
            </Button>
          )}
        </div>
      </form>
    </search>
  )
}
