/** Questions to the ledger: sums by group, single entries, and what today has cost so far. */

import { sql } from 'kysely'
import type { Scope } from '../../access/scope.ts'
import { AppError } from '../../errors.ts'
import type { Database } from '../../store/database.ts'
import { type Page, type PageWish, pageOfRead, readingOf } from '../../store/paging.ts'
import type { Row } from '../../store/schema.ts'

export const usageGroups = ['hour', 'day', 'model', 'task', 'key', 'member', 'workspace'] as const
export type UsageGroup = (typeof usageGroups)[number]

export interface UsageSums {
  requests: number
  failed: number
  input_tokens: number
  output_tokens: number
  cached_tokens: number
  pages: number
  queue_seconds: number
  run_seconds: number
  joules: number
  joules_source: 'measured' | 'attributed' | 'estimated' | 'mixed' | null
  grams_co2e: number
  euros: number
}

export type UsageRow = UsageSums &
  Partial<Record<UsageGroup | 'key_name' | 'member_name' | 'workspace_name', string>>

/** Group -> the SQL that yields it; names of keys, members and workspaces come along for people to read. */
const groupColumns: Record<UsageGroup, ReturnType<typeof sql>> = {
  hour: sql`to_char(date_trunc('hour', e.at at time zone 'UTC'), 'YYYY-MM-DD"T"HH24:00:00"Z"')`,
  day: sql`to_char(e.at at time zone 'UTC', 'YYYY-MM-DD')`,
  model: sql`e.model`,
  task: sql`e.task`,
  key: sql`e.key_id`,
  member: sql`e.member_id`,
  workspace: sql`e.workspace_id`,
}

const sums = sql`
  count(*) as requests,
  count(*) filter (where e.status <> 'ok') as failed,
  coalesce(sum(e.input_tokens), 0)::float8 as input_tokens,
  coalesce(sum(e.output_tokens), 0)::float8 as output_tokens,
  coalesce(sum(e.cached_tokens), 0)::float8 as cached_tokens,
  coalesce(sum(e.pages), 0)::float8 as pages,
  coalesce(sum(e.queue_seconds), 0) as queue_seconds,
  coalesce(sum(e.run_seconds), 0) as run_seconds,
  coalesce(sum(e.joules), 0) as joules,
  case count(distinct e.joules_source) when 0 then null when 1 then min(e.joules_source)
       else 'mixed' end as joules_source,
  coalesce(sum(e.grams_co2e), 0) as grams_co2e,
  coalesce(sum(e.euros), 0) as euros`

export interface UsageQuestion {
  from: Date
  to: Date
  groups: readonly UsageGroup[]
  /** `organisation`: all workspaces, for those who may see them. */
  across: 'workspace' | 'organisation'
}

/** Sums over [from, to), one row per combination of the groups. */
export async function usageByGroup(
  db: Database,
  scope: Scope,
  { from, to, groups, across }: UsageQuestion,
): Promise<{ rows: UsageRow[]; total: UsageSums }> {
  if (across === 'organisation' && !scope.permissions.has('workspaces:read')) {
    throw new AppError(
      'forbidden',
      'The whole organisation’s usage is shown in its home workspace, to owners, administrators and auditors.',
      { param: 'across' },
    )
  }
  const place =
    across === 'organisation'
      ? sql`e.organisation_id = ${scope.organisationId}`
      : sql`e.workspace_id = ${scope.workspaceId}`
  const within = sql`${place} and e.at >= ${from} and e.at < ${to}`
  const columns = groups.map((group) => sql`${groupColumns[group]} as ${sql.ref(group)}`)
  if (groups.includes('key')) columns.push(sql`min(k.name) as key_name`)
  if (groups.includes('member')) columns.push(sql`min(m.name) as member_name`)
  if (groups.includes('workspace')) columns.push(sql`min(w.name) as workspace_name`)
  const positions = sql.join(groups.map((_, index) => sql.raw(String(index + 1))))
  const rows = await sql<UsageRow>`
    select ${sql.join([...columns, sums])}
    from ledger_entries e
    left join keys k on k.id = e.key_id
    left join members m on m.id = e.member_id
    left join workspaces w on w.id = e.workspace_id
    where ${within} group by ${positions} order by ${positions}`.execute(db)
  const total = await sql<UsageSums>`
    select ${sums} from ledger_entries e where ${within}`.execute(db)
  return { rows: rows.rows, total: total.rows[0]! }
}

export async function usageTotal(
  db: Database,
  scope: Scope,
  period: { from: Date; to: Date },
): Promise<UsageSums> {
  const { rows } = await sql<UsageSums>`
    select ${sums} from ledger_entries e where e.workspace_id = ${scope.workspaceId}
    and e.at >= ${period.from} and e.at < ${period.to}`.execute(db)
  return rows[0]!
}

export interface EntryFilter {
  model?: string | undefined
  key?: string | undefined
}

export type LedgerEntry = Row<'ledger_entries'> & { key_name: string | null }

/** Single entries, in the order in which they were booked; a place is a call id. */
export async function listEntries(
  db: Database,
  scope: Scope,
  filter: EntryFilter,
  wish: PageWish,
): Promise<Page<LedgerEntry>> {
  const { ascending, cursor } = readingOf(wish)
  const order = ascending ? 'asc' : 'desc'
  let query = db
    .selectFrom('ledger_entries')
    .leftJoin('keys', 'keys.id', 'ledger_entries.key_id')
    .selectAll('ledger_entries')
    .select('keys.name as key_name')
    .where('ledger_entries.workspace_id', '=', scope.workspaceId)
    .orderBy('ledger_entries.at', order)
    .orderBy('ledger_entries.call_id', order)
    .limit(wish.limit + 1)
  if (filter.model) query = query.where('ledger_entries.model', '=', filter.model)
  if (filter.key) query = query.where('ledger_entries.key_id', '=', filter.key)
  if (cursor !== undefined) {
    const last = await db
      .selectFrom('ledger_entries')
      .select(['at', 'call_id'])
      .where('call_id', '=', cursor)
      .where('workspace_id', '=', scope.workspaceId)
      .executeTakeFirst()
    if (!last) {
      throw new AppError('invalid_request', `No ledger entry ${cursor}.`, { param: 'after' })
    }
    const place = sql`(ledger_entries.at, ledger_entries.call_id)`
    const beyond = sql`(${last.at}, ${last.call_id})`
    query = query.where(
      ascending ? sql<boolean>`${place} > ${beyond}` : sql<boolean>`${place} < ${beyond}`,
    )
  }
  return pageOfRead(await query.execute(), wish)
}

/** Usage of one run's calls together. */
export async function usageOfRun(db: Database, scope: Scope, runId: string): Promise<UsageSums> {
  const { rows } = await sql<UsageSums>`
    select ${sums} from ledger_entries e
    where e.workspace_id = ${scope.workspaceId} and e.run_id = ${runId}`.execute(db)
  return rows[0]!
}

/** Calls, joules and the 95th percentile of run time per minute, for the last `minutes` minutes. */
export async function usagePerMinute(db: Database, scope: Scope, now: Date, minutes: number) {
  const from = new Date(Math.floor(now.getTime() / 60_000) * 60_000 - (minutes - 1) * 60_000)
  const { rows } = await sql<{
    minute: Date
    requests: number
    failed: number
    joules: number
    p95_seconds: number | null
  }>`
    select date_trunc('minute', e.at) as minute, count(*) as requests,
      count(*) filter (where e.status <> 'ok') as failed,
      coalesce(sum(e.joules), 0) as joules,
      percentile_cont(0.95) within group (order by e.queue_seconds + e.run_seconds) as p95_seconds
    from ledger_entries e
    where e.workspace_id = ${scope.workspaceId} and e.at >= ${from}
    group by 1`.execute(db)
  const byMinute = new Map(rows.map((row) => [row.minute.getTime(), row]))
  return Array.from({ length: minutes }, (_, index) => {
    const at = from.getTime() + index * 60_000
    return { at, row: byMinute.get(at) ?? null }
  })
}
