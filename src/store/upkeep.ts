/**
 * Upkeep of the database. Rows that have ended are forgotten anywhere. A PostgreSQL server vacuums and
 * analyses by itself; PGlite has no background processes, so that dead rows would stay and plans would be
 * made for empty tables.
 */
import { sql } from 'kysely'
import type { Database } from './database.ts'

/** Small tables whose rows change or go all the time: quick to vacuum, and the ones that need it. */
const busyTables = [
  'audit_heads',
  'limit_counters',
  'reservations',
  'runs',
  'run_items',
  'sessions',
  'keys',
  'egress_destinations',
  'pgboss.job_common',
  'pgboss.queue',
]

/** Counters of windows that ended so long ago show nothing any more; those without a span stay. */
const counterDays = 70

/** Removes what has ended and shows nothing any more. */
export async function forgetEnded(db: Database): Promise<void> {
  await sql`delete from limit_counters c using limits l
    where l.id = c.limit_id and l.span <> 'total'
      and c.window_start < now() - make_interval(days => ${counterDays})`.execute(db)
  await sql`delete from sessions where expires_at < now()`.execute(db)
}

/**
 * For the embedded database, now and then while there is little to do: each statement holds it for itself.
 */
export async function tidyUp(db: Database): Promise<void> {
  for (const table of busyTables) {
    const { rows } = await sql<{ found: boolean }>`
      select to_regclass(${table}) is not null as found`.execute(db)
    if (rows[0]?.found) await sql`vacuum (analyze) ${sql.table(table)}`.execute(db)
  }
  await sql`analyze ledger_entries`.execute(db)
  await sql`analyze audit_records`.execute(db)
}
