/** `bastide usage` */
import { type ClientOptions, openClient } from './client.ts'
import { printJson, printLine, printTable, shortNumber } from './print.ts'

interface Sums {
  requests: number
  failed: number
  input_tokens: number
  output_tokens: number
  pages: number
  run_seconds: number
  joules: number
  joules_source: string | null
  grams_co2e: number
  euros: number
}

export interface UsageOptions extends ClientOptions {
  from?: string
  to?: string
  by: string
  csv?: boolean
  organisation?: boolean
}

export async function usage(options: UsageOptions): Promise<void> {
  const query = new URLSearchParams({ group_by: options.by })
  if (options.from) query.set('from', options.from)
  if (options.to) query.set('to', options.to)
  if (options.organisation) query.set('across', 'organisation')
  const client = openClient(options)
  if (options.csv) {
    const response = await client.fetch('GET', `/v1/usage?${query}&format=csv`)
    process.stdout.write(await response.text())
    return
  }
  const answer = await client.request<{
    data: (Sums & Record<string, unknown>)[]
    total: Sums
    assumptions: { power_model: { detail: string } }
  }>('GET', `/v1/usage?${query}`)
  if (options.json) return printJson(answer)
  const groups = options.by.split(',')
  const cells = (name: string[], sums: Sums) => [
    ...name,
    sums.requests,
    sums.failed,
    sums.input_tokens,
    sums.output_tokens,
    sums.pages,
    shortNumber(sums.run_seconds),
    `${sums.joules_source === 'measured' ? '' : '≈'}${shortNumber(sums.joules)}`,
    shortNumber(sums.grams_co2e),
    shortNumber(sums.euros),
  ]
  const columns = [
    'requests',
    'failed',
    'in',
    'out',
    'pages',
    'seconds',
    'joules',
    'gCO2e',
    'euros',
  ]
  const rows = answer.data.map((row) =>
    cells(
      groups.map((group) => String(row[group] ?? '')),
      row,
    ),
  )
  const total = cells(['total', ...groups.slice(1).map(() => '')], answer.total)
  printTable([...groups, ...columns], [...rows, total])
  printLine(`\n≈ is an estimate: ${answer.assumptions.power_model.detail}`)
}
