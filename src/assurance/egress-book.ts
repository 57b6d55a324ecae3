/**
 * What the egress guard may let out, and the book of what tried to leave. The first attempt at a
 * destination with a given outcome, and every refusal, is an audit record; repeats are counted.
 */

import { isIP } from 'node:net'
import { sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import { systemClock } from '../clock.ts'
import { destinationOf, type EgressAttempt, type EgressRule } from '../egress.ts'
import { AppError } from '../errors.ts'
import { createFreshness } from '../freshness.ts'
import { newId } from '../ids.ts'
import type { Database } from '../store/database.ts'
import { type Page, type PageWish, pageBy } from '../store/paging.ts'
import type { Row } from '../store/schema.ts'
import type { Booking } from './booking.ts'

export interface EgressBook {
  rules(): Promise<readonly EgressRule[]>
  record(attempt: EgressAttempt): Promise<void>
  forget(): void
  flush(): Promise<void>
}

export function createEgressBook(db: Database, booking: Booking): EgressBook {
  const kept = createFreshness<readonly EgressRule[]>(systemClock)
  const counted = new Map<string, { attempt: EgressAttempt; attempts: number; lastAt: Date }>()
  const seen = new Set<string>()

  async function loadRules(): Promise<readonly EgressRule[]> {
    const rows = await db.selectFrom('egress_rules').selectAll().execute()
    return rows.map((row) => ({
      host: row.host,
      port: row.port,
      allowPrivate: row.allow_private,
    }))
  }

  async function flush(): Promise<void> {
    const batch = [...counted.values()]
    counted.clear()
    for (const { attempt, attempts, lastAt } of batch) {
      await sql`insert into egress_destinations
          (host, port, outcome, reason, purpose, attempts, first_at, last_at)
        values (${attempt.host.slice(0, 300)}, ${attempt.port}, ${attempt.outcome},
          ${attempt.reason}, ${attempt.purpose}, ${attempts}, ${lastAt}, ${lastAt})
        on conflict (host, port, outcome) do update set
          attempts = egress_destinations.attempts + excluded.attempts,
          last_at = excluded.last_at, reason = excluded.reason, purpose = excluded.purpose`.execute(
        db,
      )
    }
  }

  async function audit(attempt: EgressAttempt): Promise<void> {
    const organisation = await db.selectFrom('organisations').select('id').executeTakeFirst()
    if (!organisation) return
    await booking.book({
      organisationId: organisation.id,
      workspaceId: null,
      kind: `egress.${attempt.outcome}`,
      actor: { kind: 'system', id: 'egress' },
      subject: { kind: 'destination', id: `${attempt.host.slice(0, 300)}:${attempt.port}` },
      outcome: attempt.outcome === 'allowed' ? 'ok' : 'refused',
      details: { reason: attempt.reason, purpose: attempt.purpose },
    })
  }

  return {
    rules() {
      return kept.get('rules', loadRules)
    },
    async record(attempt) {
      const slot = JSON.stringify([attempt.host, attempt.port, attempt.outcome])
      const before = counted.get(slot)
      counted.set(slot, { attempt, attempts: (before?.attempts ?? 0) + 1, lastAt: new Date() })
      if (attempt.outcome === 'allowed' && seen.has(slot)) return
      if (seen.size > 10_000) seen.clear()
      seen.add(slot)
      await flush()
      await audit(attempt)
    },
    forget() {
      kept.forget()
      seen.clear()
    },
    flush,
  }
}

export function listEgressRules(
  db: Database,
  scope: Scope,
  wish: PageWish,
): Promise<Page<Row<'egress_rules'>>> {
  const rules = db
    .selectFrom('egress_rules')
    .selectAll()
    .where('organisation_id', '=', scope.organisationId)
  return pageBy(rules, 'id', wish)
}

/** Every destination ever attempted, the newest first; an attempt moves none. */
export function listDestinations(db: Database): Promise<Row<'egress_destinations'>[]> {
  return db
    .selectFrom('egress_destinations')
    .selectAll()
    .orderBy('first_at', 'desc')
    .orderBy('host')
    .orderBy('port')
    .orderBy('outcome')
    .limit(1000)
    .execute()
}

export interface NewEgressRule {
  host: string
  port: number
  allowPrivate: boolean
}

export async function addEgressRule(db: Database, scope: Scope, wanted: NewEgressRule) {
  const host = normalisedHost(wanted.host)
  return db
    .insertInto('egress_rules')
    .values({
      id: newId('egr'),
      organisation_id: scope.organisationId,
      host,
      port: wanted.port,
      allow_private: wanted.allowPrivate,
      created_by: scope.actor.id,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'host', 'port'])
        .doUpdateSet({ allow_private: wanted.allowPrivate }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The host as Node's own URL parser writes it, so that rule and request are compared alike. */
function normalisedHost(host: string): string {
  const bracketed = isIP(host) === 6 ? `[${host}]` : host
  const url = URL.canParse(`http://${bracketed}/`) ? new URL(`http://${bracketed}/`) : null
  if (url?.pathname !== '/' || url.username || url.port || url.search || url.hash) {
    throw new AppError('invalid_request', `"${host.slice(0, 100)}" is no host name or address.`, {
      param: 'host',
    })
  }
  return destinationOf(url).host
}

export async function removeEgressRule(db: Database, scope: Scope, id: string) {
  const row = await db
    .deleteFrom('egress_rules')
    .where('id', '=', id)
    .where('organisation_id', '=', scope.organisationId)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `No egress rule ${id}.`)
  return row
}
