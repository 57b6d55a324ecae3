/** Numbered `.sql` files, applied once each, in order, forward only. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type pg from 'pg'
import { AppError } from '../errors.ts'
import type { Database } from './database.ts'

const folder = new URL('./migrations/', import.meta.url)

interface Migration {
  number: number
  name: string
  sql: string
  hash: string
}

/** The migrations this program carries, in order. */
export function knownMigrations(): Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(name, folder), 'utf8')
      const hash = createHash('sha256').update(sql).digest('hex')
      return { number: Number.parseInt(name, 10), name, sql, hash }
    })
}

/**
 * Brings the schema up to this program's version. Refuses a database that a newer program has
 * migrated, or whose applied migrations differ from this program's files. `throughNumber` is for
 * restoring a backup of an older schema.
 */
export async function migrate(
  pool: pg.Pool,
  throughNumber: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    // One server migrates at a time; the others wait here and then find nothing to do.
    await client.query("select pg_advisory_xact_lock(hashtext('bastide-migrations'))")
    await client.query(`create table if not exists migrations (
      number integer primary key, name text not null, hash text not null,
      at timestamptz not null default now())`)
    const { rows } = await client.query('select number, name, hash from migrations order by number')
    const pending = pendingMigrations(knownMigrations(), rows).filter(
      ({ number }) => number <= throughNumber,
    )
    for (const migration of pending) {
      await client.query(migration.sql)
      await client.query('insert into migrations (number, name, hash) values ($1, $2, $3)', [
        migration.number,
        migration.name,
        migration.hash,
      ])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

/** Which migrations a database has. */
export async function appliedMigrations(db: Database): Promise<Applied[]> {
  const { rows } = await sql<Applied>`
    select number, name, hash from migrations order by number`.execute(db)
  return rows
}

type Applied = { number: number; name: string; hash: string }

function pendingMigrations(known: Migration[], applied: Applied[]): Migration[] {
  for (const row of applied) {
    const file = known.find((migration) => migration.number === row.number)
    if (!file) {
      throw new AppError(
        'conflict',
        `The database was migrated by a newer Bastide (${row.name}). Start that version, or restore a backup made by this one.`,
      )
    }
    if (file.hash !== row.hash) {
      throw new AppError(
        'conflict',
        `Migration ${row.name} was applied in another form than this program carries. Use the program the database was made with.`,
      )
    }
  }
  return known.filter((migration) => !applied.some((row) => row.number === migration.number))
}
