import type { Usage } from '../../api/usage.ts'
import { formatEuros } from '../../format/numbers.ts'
import { Card } from '../../ui/card.tsx'

/** What stands behind energy, carbon and cost: whoever doubts a figure starts here. */
export function Assumptions({ usage: { assumptions } }: { usage: Usage }) {
  const facts = [
    {
      name: 'Power',
      value: assumptions.power_model.name,
      source: assumptions.power_model.detail,
    },
    {
      name: 'Carbon intensity',
      value: `${assumptions.grams_co2e_per_kwh} g CO₂e per kWh`,
      source: assumptions.carbon_source,
    },
    {
      name: 'Electricity price',
      value: `${formatEuros(assumptions.euros_per_kwh)} per kWh`,
      source: 'setting BASTIDE_EUROS_PER_KWH',
    },
  ]
  return (
    <Card title="Behind these figures" note="./bastide config prints every setting">
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
