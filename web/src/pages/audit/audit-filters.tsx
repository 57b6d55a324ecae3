import { type FormEvent, useState } from 'react'
import { useSearchParams } from 'wouter'
import { t } from '../../texts/translate.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'

/** Offered as one types; any other kind may be typed too. */
const knownKinds = [
  'call',
  'document.create',
  'document.erase',
  'model.import',
  'model.sign',
  'model.remove',
  'alias.promote',
  'alias.rollback',
  'key.create',
  'key.revoke',
  'member.add',
  'member.change',
  'limit.create',
  'egress.allow',
  'secret.set',
]

const fields = ['kind', 'actor', 'seq'] as const

/** Narrows the records; the choice is kept in the address. */
export function AuditFilters() {
  const [search, setSearch] = useSearchParams()
  const [values, setValues] = useState(() =>
    Object.fromEntries(fields.map((name) => [name, search.get(name) ?? ''])),
  )
  const active = fields.some((name) => search.has(name))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const filled = Object.entries(values).filter(([, value]) => value.trim() !== '')
    setSearch(new URLSearchParams(filled.map(([name, value]) => [name, value.trim()])))
  }
  const change = (name: string, value: string) => setValues({ ...values, [name]: value })
  return (
    <search>
      <form
        onSubmit={submit}
        className="grid grid-cols-2 gap-2 px-4 pb-3 sm:grid-cols-[1fr_1fr_8rem_auto]"
      >
        <TextField
          label={t('Kind')}
          hideLabel
          placeholder={t('Kind, e.g. alias.promote')}
          list="audit-kinds"
          value={values.kind}
          onChange={(event) => change('kind', event.target.value)}
        />
        <datalist id="audit-kinds">
          {knownKinds.map((kind) => (
            <option key={kind} value={kind} />
          ))}
        </datalist>
        <TextField
          label={t('Actor')}
          hideLabel
          placeholder={t('Actor id')}
          value={values.actor}
          onChange={(event) => change('actor', event.target.value)}
        />
        <TextField
          label={t('From record')}
          hideLabel
          type="number"
          min={1}
          placeholder={t('From record')}
          value={values.seq}
          onChange={(event) => change('seq', event.target.value)}
        />
        <div className="flex gap-2">
          <Button type="submit" icon="search">
            {t('Find')}
          </Button>
          {active && (
            <Button
              look="quiet"
              onClick={() => {
                setValues({ kind: '', actor: '', seq: '' })
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
