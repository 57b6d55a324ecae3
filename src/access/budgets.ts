/**
 * Rate limits and budgets are one thing: an amount of a metric per span for a workspace, member or
 * key. What a call may use is reserved before it and settled after it, in the database, so that the
 * limit holds under concurrency and across servers. Counters do not depend on ledger rows: deleting
 * data never resets them.
 */

import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createFreshness } from '../freshness.ts'
import { newId } from '../ids.ts'
import { type Database, withRetries } from '../store/database.ts'
import { createGroupCommit } from '../store/group-commit.ts'
import { type Page, type PageWish, pageOfRead, readingOf } from '../store/paging.ts'
import type { Row, Span } from '../store/schema.ts'
import { type Asker, createLeases, type Granted } from './leases.ts'
import type { Scope } from './scope.ts'
import { windowEnd } from './windows.ts'

export interface Estimate {
  tokens: number
  euros: number
  joules: number
}

/** A counter a call was counted against; settled when the call is booked. */
export interface Counted {
  limit: string
  metric: string
  start: string
}

interface Refused {
  limit: string
  metric: string
  span: Span
  amount: number
  used: number
  reserved: number
  wanted: number
}

interface ReserveAnswer {
  counted?: Counted[]
  refused?: Refused
}

/** What was set aside for one call. Exactly one of `settled` and `giveBack` is called, once. */
export interface Reserved {
  counted: Counted[]
  /** Number of the reservation the booking has to end; null when the call drew from a lease. */
  id: string | null
  /** The call was booked, and counted in the database. */
  settled(): void
  /** The call never ran. */
  giveBack(): Promise<void>
}

export interface Budgets {
  /** Throws `rate_limited` (requests) or `budget_exceeded`, naming the limit and when it resets. */
  reserve(scope: Scope, callId: string, estimate: Estimate, timeoutMs: number): Promise<Reserved>
  /** Gives back what processes that were killed had reserved, once it has expired. */
  sweep(): Promise<void>
  /** Gives everything back; for the start of the one process a database belongs to. */
  releaseAll(): Promise<void>
  /** Forgets which limits there are, after a change of them. */
  forget(): Promise<void>
}

const reservationSlackMs = 60_000
const groups = { sizeMax: 64, pauseMsMax: 0 }

const unlimited: Reserved = {
  counted: [],
  id: null,
  settled: () => {},
  giveBack: async () => {},
}

/** `callMsMax` is how long a call may take: a lease's reservation must outlive those that draw on it. */
export function createBudgets(db: Database, clock: Clock, callMsMax: number): Budgets {
  const limited = createFreshness<Set<string>>(clock)

  const reservations = createGroupCommit<object, ReserveAnswer>(async (requests) => {
    const { rows } = await withRetries(5, () =>
      sql<{ answers: ReserveAnswer[] }>`
        select reserve_usage(${JSON.stringify(requests)}::jsonb) as answers`.execute(db),
    )
    return rows[0]!.answers
  }, groups)

  const release = async (id: string) => {
    // Lost in a power cut it is swept up after its expiry: the disk need not be waited for.
    await withRetries(5, () =>
      sql`select set_config('synchronous_commit', 'off', true), release_reservation(${id})`.execute(
        db,
      ),
    )
  }

  /** Which subjects of a workspace have limits at all; most calls need no reservation. */
  async function loadLimited(workspaceId: string): Promise<Set<string>> {
    const rows = await db
      .selectFrom('limits')
      .select('subject_id')
      .where('workspace_id', '=', workspaceId)
      .where('removed_at', 'is', null)
      .execute()
    return new Set(rows.map((row) => row.subject_id))
  }

  function question(asker: Asker, callId: string, amounts: Estimate, lifeMs: number) {
    const now = clock.now()
    return {
      call: callId,
      workspace: asker.workspaceId,
      key: asker.keyId,
      member: asker.memberId,
      at: new Date(now).toISOString(),
      expires: new Date(now + lifeMs + reservationSlackMs).toISOString(),
      ...amounts,
      requests: 1,
    }
  }

  const leases = createLeases({
    clock,
    release,
    async acquire(leaseId, asker, amounts, calls, lifeMs) {
      const request = JSON.stringify(question(asker, leaseId, amounts, lifeMs + callMsMax))
      const { rows } = await withRetries(5, () =>
        sql<{ granted: Granted | null }>`
          select lease_usage(${request}::jsonb, ${calls}) as granted`.execute(db),
      )
      return rows[0]!.granted
    },
  })

  return {
    async reserve(scope, callId, estimate, timeoutMs) {
      const { workspaceId } = scope
      const subjects = await limited.get(workspaceId, () => loadLimited(workspaceId))
      const asking = [scope.workspaceId, scope.keyId, scope.memberId]
      if (!asking.some((subject) => subject !== null && subjects.has(subject))) return unlimited
      const draw = timeoutMs <= callMsMax ? await leases.draw(scope, estimate) : null
      if (draw) {
        const giveBack = async () => draw.end()
        return { counted: draw.counted, id: null, settled: draw.end, giveBack }
      }
      const answer = await reservations.add(question(scope, callId, estimate, timeoutMs))
      if (answer.refused) throw refusal(answer.refused, clock.now())
      const counted = answer.counted ?? []
      return { counted, id: callId, settled: () => {}, giveBack: () => release(callId) }
    },
    async releaseAll() {
      await sql`select release_reservation(call_id) from reservations`.execute(db)
    },
    async sweep() {
      await sql`select release_reservation(call_id) from reservations
        where expires_at < ${new Date(clock.now())}`.execute(db)
    },
    async forget() {
      limited.forget()
      await leases.close()
    },
  }
}

function refusal(refused: Refused, now: number): AppError {
  const resetsAt = windowEnd(refused.span, now)
  const when = resetsAt ? ` It resets at ${resetsAt.toISOString()}.` : ''
  const taken = refused.used + refused.reserved
  const message =
    `The limit of ${refused.amount} ${refused.metric} per ${refused.span} is reached: ` +
    `${round(taken)} used or reserved, this call may need ${round(refused.wanted)}.${when}`
  const retryAfterSeconds = resetsAt ? Math.max(1, Math.ceil((resetsAt.getTime() - now) / 1000)) : 0
  const code = refused.metric === 'requests' ? 'rate_limited' : 'budget_exceeded'
  return new AppError(code, message, retryAfterSeconds ? { retryAfterSeconds } : {})
}

function round(value: number): number {
  return Number(value.toPrecision(6))
}

export interface LimitStatus extends Row<'limits'> {
  used: number
  reserved: number
  subject_name: string
}

export interface NewLimit {
  subjectKind: Row<'limits'>['subject_kind']
  subjectId: string
  metric: Row<'limits'>['metric']
  span: Span
  amount: number
}

export async function createLimit(db: Database, scope: Scope, wanted: NewLimit) {
  await requireSubject(db, scope, wanted)
  return db
    .insertInto('limits')
    .values({
      id: newId('lim'),
      workspace_id: scope.workspaceId,
      subject_kind: wanted.subjectKind,
      subject_id: wanted.subjectId,
      metric: wanted.metric,
      span: wanted.span,
      amount: wanted.amount,
      created_by: scope.actor.id,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

async function requireSubject(db: Database, scope: Scope, wanted: NewLimit): Promise<void> {
  const { subjectKind, subjectId } = wanted
  let found: unknown = subjectId === scope.workspaceId
  if (subjectKind === 'key') {
    found = await db
      .selectFrom('keys')
      .select('id')
      .where('id', '=', subjectId)
      .where('workspace_id', '=', scope.workspaceId)
      .executeTakeFirst()
  } else if (subjectKind === 'member') {
    found = await db
      .selectFrom('memberships')
      .select('member_id')
      .where('member_id', '=', subjectId)
      .where('workspace_id', '=', scope.workspaceId)
      .executeTakeFirst()
  }
  if (!found) {
    throw new AppError('not_found', `No ${subjectKind} ${subjectId} in this workspace.`, {
      param: 'subject_id',
    })
  }
}

export async function removeLimit(db: Database, scope: Scope, id: string) {
  const row = await db
    .updateTable('limits')
    .set({ removed_at: new Date() })
    .where('id', '=', id)
    .where('workspace_id', '=', scope.workspaceId)
    .where('removed_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `No limit ${id} in this workspace.`)
  return row
}

/** Every limit of the workspace with what its current window has used. */
export async function listLimits(
  db: Database,
  scope: Scope,
  now: Date,
  wish: PageWish,
): Promise<Page<LimitStatus>> {
  const { ascending, cursor = null } = readingOf(wish)
  const { rows } = await sql<LimitStatus>`
    select l.*, coalesce(c.used, 0) as used, coalesce(c.reserved, 0) as reserved,
           coalesce(k.name, m.name, w.name) as subject_name
    from limits l
    left join limit_counters c on c.limit_id = l.id and c.window_start = window_start(l.span, ${now})
    left join keys k on l.subject_kind = 'key' and k.id = l.subject_id
    left join members m on l.subject_kind = 'member' and m.id = l.subject_id
    left join workspaces w on l.subject_kind = 'workspace' and w.id = l.subject_id
    where l.workspace_id = ${scope.workspaceId} and l.removed_at is null
      and (${cursor}::text is null or
        case when ${ascending} then l.id > ${cursor} else l.id < ${cursor} end)
    order by case when ${ascending} then l.id end, l.id desc
    limit ${wish.limit + 1}`.execute(db)
  return pageOfRead(rows, wish)
}
