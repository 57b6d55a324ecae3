/**
 * The database, PostgreSQL's dialect only. Two homes, one driver: a PostgreSQL server by URL, or
 * PGlite in a worker thread that speaks the same protocol. Above this file nobody can tell which.
 */
import { rm } from 'node:fs/promises'
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import { AppError, toAppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Log } from '../log.ts'
import { type EmbeddedDatabase, openEmbeddedDatabase } from './embedded-database.ts'
import type { Tables } from './schema.ts'

export type Database = Kysely<Tables>
export type DatabaseTransaction = Transaction<Tables>

/** Something that must stand or fall with a change: runs in its transaction. */
export type Also<T> = (transaction: DatabaseTransaction, changed: T) => Promise<void>

/**
 * For `where(column, '=', anyOf(values))`: one parameter however many values, because a statement takes no
 * more than 65,535, and how many documents a workspace has is not ours to say.
 */
export const anyOf = (values: readonly string[]) => sql<string>`any(${[...values]}::text[])`

export interface OpenDatabase {
  db: Database
  pool: pg.Pool
  home: 'embedded' | 'server'
  /**
   * Runs `read` over the rows as they are at one moment, while others go on writing: a transaction of
   * its own on a server, a copy of the folder that is opened beside it for the embedded database.
   */
  snapshot<T>(read: (db: Database) => Promise<T>): Promise<T>
  sizeBytes(): Promise<number>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** A postgres:// URL, or '' for the embedded database. */
  url: string
  /** Folder of the embedded database; must be owned by this process (see data-folder.ts). */
  folder: string
  poolSize: number
  log: Log
  /** How long a query waits for another's transaction in the embedded database; default 15 s. */
  patienceMs?: number
}

/** Times and counts arrive as Date and number: all our bigints stay far below 2^53. */
const parseAsNumber = new pg.TypeOverrides()
parseAsNumber.setTypeParser(pg.types.builtins.INT8, Number)

function readFrozen<T>(db: Database, read: (db: Database) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(read)
}

async function readCopy<T>(
  embedded: EmbeddedDatabase,
  options: DatabaseOptions,
  read: (db: Database) => Promise<T>,
): Promise<T> {
  const folder = `${options.folder}-copy-${newId('copy')}`
  try {
    await embedded.copyTo(folder)
    const copy = await openDatabase({ ...options, folder })
    try {
      return await read(copy.db)
    } finally {
      await copy.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const embeddedPoolSize = 4

export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const embedded = options.url === '' ? await openEmbeddedDatabase(options) : null
  const pool = new pg.Pool({
    ...(embedded
      ? { stream: embedded.stream, user: 'postgres', database: 'postgres' }
      : { connectionString: options.url }),
    // The embedded database has one session: more connections only keep it from waiting for us
    // between one query and the next. Inside a transaction nothing may use the outer handle.
    max: embedded ? embeddedPoolSize : options.poolSize,
    types: parseAsNumber,
    application_name: 'bastide',
    connectionTimeoutMillis: 15_000,
    // Idle connections are kept: opening one costs more than a query.
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
  })
  // A lost connection fails the query it was at and is replaced at the next one; without a listener,
  // on the pool while it is idle and on itself while it is in use, it would end the process.
  const lost = (error: Error) =>
    options.log.warn({ err: error.message }, 'database connection lost')
  pool.on('error', lost)
  pool.on('connect', (client) => client.on('error', lost))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await pool.query('select 1')
  } catch (error) {
    await pool.end()
    await embedded?.close()
    const reason = error instanceof Error ? error.message : String(error)
    throw new AppError(
      'unavailable',
      `The database cannot be reached: ${reason}. Check DATABASE_URL, or unset it for the embedded database.`,
      { cause: error },
    )
  }
  return {
    db,
    pool,
    home: embedded ? 'embedded' : 'server',
    snapshot: (read) => (embedded ? readCopy(embedded, options, read) : readFrozen(db, read)),
    async sizeBytes() {
      const { rows } = await sql<{ size: string }>`
        select pg_database_size(current_database()) as size`.execute(db)
      return Number(rows[0]!.size)
    },
    async close() {
      await db.destroy()
      await embedded?.close()
    },
  }
}

/** PostgreSQL error classes that mean "the same statement may succeed when sent again". */
const transientCodes = new Set(['40001', '40P01', '55P03', '57P03', '08006', '08003', '08001'])

function postgresCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

export function isUniqueViolation(error: unknown): boolean {
  return postgresCode(error) === '23505'
}

/** Runs a statement again when the database says it may; gives up with a clear error. */
export async function withRetries<T>(attemptsMax: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const code = postgresCode(error)
      if (attempt >= attemptsMax || !code || !transientCodes.has(code)) throw databaseError(error)
      await new Promise((resume) => setTimeout(resume, 5 * 2 ** attempt * Math.random()))
    }
  }
}

/**
 * Turns any error, a driver's above all, into what a caller may see; the cause keeps the rest for the
 * log. Whatever passes on errors from below uses this: a database that is away is no internal error.
 */
export function databaseError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = postgresCode(error)
  if (code === '53100' || code === 'ENOSPC') {
    return new AppError(
      'storage_full',
      'The disk is full. Free space and send the request again.',
      {
        cause: error,
      },
    )
  }
  const message = error instanceof Error ? error.message : ''
  if ((code && isAway(code)) || awayMessage.test(message)) {
    return new AppError('unavailable', 'The database does not answer. Try again shortly.', {
      cause: error,
      retryAfterSeconds: 2,
    })
  }
  if (code === '22021' || code === '22P05' || unstorableMessage.test(message)) {
    return new AppError(
      'invalid_request',
      'A text of the request holds the character U+0000 or half of a surrogate pair, which cannot be stored. Remove it and send the request again.',
      { cause: error },
    )
  }
  return toAppError(error)
}

/** Connection lost or refused, shut down, too many connections, another transaction too long. */
function isAway(code: string): boolean {
  return /^(08|57|53300|55P03|ECONNREFUSED|ECONNRESET|EPIPE)/.test(code)
}

const awayMessage =
  /terminated|timeout exceeded|Connection ended|not queryable|not currently accepting connections|connect ENOENT/

const unstorableMessage = /unsupported Unicode escape sequence|invalid input syntax for type json/
