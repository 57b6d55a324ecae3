import type { Usage } from '../../api/usage.ts'
import { formatEuros, formatNumber } from '../../format/numbers.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Card } from '../../ui/card.tsx'

/** What stands behind energy, carbon and cost: whoever doubts a figure starts here. */
export function Assumptions({ usage: { assumptions } }: { usage: Usage }) {
  const facts = [
    {
      name: t('Power'),
      value: assumptions.power_model.name,
      source: assumptions.power_model.detail,
    },
    {
      name: t('Carbon intensity'),
      value: t('{grams} g CO₂e per kWh', { grams: formatNumber(assumptions.grams_co2e_per_kwh) }),
      source: assumptions.carbon_source,
    },
    {
      name: t('Electricity price'),
      value: t('{euros} per kWh', { euros: formatEuros(assumptions.euros_per_kwh) }),
      source: t('setting {name}', { name: 'BASTIDE_EUROS_PER_KWH' }),
    },
  ]
  return (
    <Card
      title={t('Behind these figures')}
      note={rich('<code>./bastide config</code> prints every setting')}
    >
      <dl className="grid gap-4 sm:grid-cols-3">
        {facts.map((fact) => (
          <div key={fact.name}>
            <dt className="text-xs text-ink-3">{fact.name}</dt>
            <dd className="font-medium">{fact.value}</dd>
            {fact.source && <dd className="text-xs text-pretty text-ink-2">{fact.source}</dd>}
          </div>
        ))}
      </dl>
    </Card>
  )
}
