/** Usage, ledger entries and the assumptions behind every figure. */

import { z } from 'zod'
import type { Rates } from '../../compute/ledger/cost.ts'
import type { LedgerEntry } from '../../compute/ledger/usage.ts'
import {
  listEntries,
  type UsageGroup,
  type UsageRow,
  usageByGroup,
  usageGroups,
} from '../../compute/ledger/usage.ts'
import { AppError } from '../../errors.ts'
import type { Database } from '../../store/database.ts'
import type { PageWish } from '../../store/paging.ts'
import { ids, listBody, type PageQuery, pageQuery, wishOf } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { listAnswer } from '../shapes.ts'

const dayMs = 86_400_000

const groupBy = z
  .string()
  .default('day')
  .transform((text, context) => {
    const groups = text.split(',').map((group) => group.trim())
    const known = groups.every((group) => (usageGroups as readonly string[]).includes(group))
    if (known && groups.length <= 2 && new Set(groups).size === groups.length) {
      return groups as UsageGroup[]
    }
    context.addIssue(`one or two of ${usageGroups.join(', ')}`)
    return z.NEVER
  })

const usageQuery = z.looseObject({
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  group_by: groupBy,
  across: z.enum(['workspace', 'organisation']).default('workspace'),
  format: z.enum(['json', 'csv']).default('json'),
})

export function usageRoutes({ db, rates }: { db: Database; rates: Rates }): Route[] {
  const assumptions = {
    power_model: { name: rates.powerModel.name, detail: rates.powerModel.detail },
    grams_co2e_per_kwh: rates.gramsCo2ePerKwh,
    carbon_source: 'set by the operator (BASTIDE_GRAMS_CO2E_PER_KWH)',
    euros_per_kwh: rates.eurosPerKwh,
  }
  return [
    route({
      method: 'GET',
      path: '/v1/usage',
      guard: 'usage:read',
      summary: 'What was used, by group: tokens, seconds, joules, grams, euros',
      tag: 'Usage',
      query: usageQuery,
      response: listAnswer,
      answers: ['text/csv'],
      handler: async ({ scope, query }) => {
        const to = query.to ?? new Date()
        const from = query.from ?? new Date(to.getTime() - 30 * dayMs)
        if (from >= to) throw new AppError('invalid_request', 'from is not before to.')
        const { group_by: groups, across } = query
        const { rows, total } = await usageByGroup(db, scope, { from, to, groups, across })
        if (query.format === 'csv') return csvResponse(rows)
        return {
          object: 'usage',
          from,
          to,
          group_by: groups,
          across,
          data: rows,
          total,
          assumptions,
        }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/usage/entries',
      guard: 'usage:read',
      summary: 'Single ledger entries, newest first',
      tag: 'Usage',
      query: pageQuery('desc').extend({
        model: z.string().max(200).optional(),
        key: z.string().max(100).optional(),
      }),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const page = await listEntries(db, scope, query, placeOf(query))
        const bodyOf = ({ organisation_id: _organisation, ...entry }: LedgerEntry) => ({
          id: entry.call_id,
          ...entry,
        })
        return listBody(page, bodyOf, ({ call_id: id }) => id)
      },
    }),
  ]
}

/** `before` was this list's first name for `after`, when newest first was its only order; it stays that. */
function placeOf({ before, ...query }: PageQuery): PageWish {
  return wishOf({ ...query, after: query.after ?? before }, ids('call'))
}

/** RFC 4180; a leading sign that a spreadsheet would run as a formula is quoted away. */
function csvResponse(rows: readonly UsageRow[]): Response {
  const columns = Object.keys(rows[0] ?? { requests: 0 })
  const cell = (value: unknown) => {
    const text = value === null || value === undefined ? '' : String(value)
    const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name as keyof UsageRow]))]
  return new Response(lines.map((line) => `${line.map(cell).join(',')}\r\n`).join(''), {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="usage.csv"',
    },
  })
}
