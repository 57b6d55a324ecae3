import { useSearchParams } from 'wouter'
import { usePermission } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { Choice } from '../../ui/choice.tsx'
import { Select, TextField } from '../../ui/field.tsx'
import { acrossOf, groupOf, groups, groupTexts } from './groups.ts'
import { metricOf, metrics } from './metrics.ts'
import { type Preset, presets } from './range.ts'

/** Range, metric and grouping; all kept in the address, so that a view can be shared. */
export function SummaryFilters() {
  const seesAll = usePermission('workspaces:read')
  const [search, setSearch] = useSearchParams()
  const set = (values: Record<string, string>) =>
    setSearch(
      (current) => {
        const next = new URLSearchParams(current)
        for (const [name, value] of Object.entries(values)) next.set(name, value)
        return next
      },
      { replace: true },
    )
  const preset = (search.get('range') ?? '7d') as Preset
  return (
    <div className="flex flex-wrap items-end gap-3">
      <div className="max-w-full overflow-x-auto">
        <Choice
          label={t('Range')}
          value={preset}
          options={[
            ...presets.map(({ value, label }) => ({ value, label: t(label) })),
            { value: 'custom' as const, label: t('Dates') },
          ]}
          onChange={(range) => set({ range })}
        />
      </div>
      {preset === 'custom' && (
        <div className="flex gap-2">
          {(['from', 'to'] as const).map((name) => (
            <TextField
              key={name}
              type="date"
              label={t(name === 'from' ? 'First day' : 'Last day')}
              hideLabel
              value={search.get(name) ?? ''}
              onChange={(event) => set({ [name]: event.target.value })}
            />
          ))}
        </div>
      )}
      {seesAll && (
        <Select
          label={t('Whose usage')}
          hideLabel
          className="sm:ml-auto"
          value={acrossOf(search.get('across'))}
          onChange={(event) => set({ across: event.target.value })}
        >
          <option value="workspace">{t('This workspace')}</option>
          <option value="organisation">{t('Whole organisation')}</option>
        </Select>
      )}
      <div className="grid grow grid-cols-2 gap-2 sm:max-w-72">
        <Select
          label={t('Show')}
          hideLabel
          value={metricOf(search.get('metric')).value}
          onChange={(event) => set({ metric: event.target.value })}
        >
          {metrics.map((metric) => (
            <option key={metric.value} value={metric.value}>
              {t(metric.label)}
            </option>
          ))}
        </Select>
        <Select
          label={t('Group by')}
          hideLabel
          value={groupOf(search.get('group'))}
          onChange={(event) => set({ group: event.target.value })}
        >
          {groups.map((group) => (
            <option key={group} value={group}>
              {t(groupTexts[group].by)}
            </option>
          ))}
        </Select>
      </div>
    </div>
  )
}
