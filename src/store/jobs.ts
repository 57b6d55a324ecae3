/**
 * Durable jobs on pg-boss. A job is only a pointer to a run; the run's row holds what it is and how
 * far it got, so a job that is killed at any point is simply run again.
 */

import { sql } from 'kysely'
import { fromKysely, PgBoss } from 'pg-boss'
import type { Log } from '../log.ts'
import type { Database, DatabaseTransaction, OpenDatabase } from './database.ts'

export interface JobHandler {
  /** Does the run's remaining work. A throw is retried with backoff, then it is a dead letter. */
  (runId: string, signal: AbortSignal): Promise<void>
}

export interface Jobs {
  /** Adds a job in the caller's transaction: it exists exactly when that commits. */
  enqueue(kind: string, runId: string, transaction: DatabaseTransaction): Promise<void>
  /** Tells this process's workers to look now instead of at their next poll. */
  wake(kind: string): void
  work(kind: string, handler: JobHandler): Promise<void>
  /** Stops taking jobs and hands running ones back to the queue. */
  close(): Promise<void>
}

const retryLimit = 8
const heartbeatSeconds = 15
const deadLetterQueue = 'dead-letters'

/** In seconds, the delay doubling with each attempt. */
export interface RetryPolicy {
  retryLimit?: number
  retryDelay?: number
  retryDelayMax?: number
}

export interface JobsOptions {
  database: OpenDatabase
  log: Log
  concurrency: number
  /** Every kind of job there is, and how it is tried again; their queues are made at start. */
  kinds: Readonly<Record<string, RetryPolicy>>
  /** Called when a job has failed for the last time. */
  onDeadLetter: (runId: string) => Promise<void>
}

export async function createJobs(options: JobsOptions): Promise<Jobs> {
  const { database, log, concurrency } = options
  // Supervision finds jobs of workers that are gone. The embedded database has no other workers, and
  // would keep calls waiting for each pass.
  const superviseIntervalSeconds = database.home === 'embedded' ? 60 : 10
  const boss = new PgBoss({
    db: { executeSql: (text, values) => database.pool.query(text, values as unknown[]) },
    backend: database.home === 'embedded' ? 'pglite' : 'postgres',
    schedule: false,
    superviseIntervalSeconds,
    monitorIntervalSeconds: superviseIntervalSeconds,
    monitorVacuum: false,
    reindex: false,
  })
  boss.on('error', (error) => log.error({ err: error }, 'job queue error'))
  await boss.start()
  if (database.home === 'embedded') await returnOrphans(database.db)
  await boss.createQueue(deadLetterQueue)
  await boss.work<{ runId: string }>(deadLetterQueue, async (jobs) => {
    for (const job of jobs) await options.onDeadLetter(job.data.runId)
  })

  const workers = new Map<string, string>()
  const closing = new AbortController()
  for (const [kind, policy] of Object.entries(options.kinds)) {
    await createQueue(boss, kind, policy)
    await enqueueLost(database.db, boss, kind)
  }

  return {
    async enqueue(kind, runId, transaction) {
      await boss.send(kind, { runId }, { db: fromKysely(transaction) })
    },
    wake(kind) {
      const worker = workers.get(kind)
      if (worker) boss.notifyWorker(worker)
    },
    async work(kind, handler) {
      const workOptions = { localConcurrency: concurrency, pollingIntervalSeconds: 1 }
      const worker = await boss.work<{ runId: string }>(kind, workOptions, async (jobs) => {
        for (const job of jobs) {
          const signal = AbortSignal.any([job.signal, closing.signal])
          await handler(job.data.runId, signal)
        }
      })
      workers.set(kind, worker)
    },
    async close() {
      closing.abort()
      await boss.stop({ graceful: true, timeout: 8_000, close: false })
    },
  }
}

function createQueue(boss: PgBoss, kind: string, policy: RetryPolicy): Promise<void> {
  return boss.createQueue(kind, {
    retryLimit: policy.retryLimit ?? retryLimit,
    retryDelay: policy.retryDelay ?? 1,
    retryBackoff: true,
    retryDelayMax: policy.retryDelayMax ?? 60,
    heartbeatSeconds,
    expireInSeconds: 24 * 3600 - 1,
    deadLetter: deadLetterQueue,
  })
}

/**
 * The embedded database has one owner, so a job that is active when it opens was held by a process
 * that is gone: it goes back at once instead of after its heartbeat runs out. Without a start it does
 * not count as tried: a server that is restarted often must not use up a long run's attempts.
 */
async function returnOrphans(db: Database): Promise<void> {
  await sql`update pgboss.job set state = 'retry', start_after = now(), started_on = null
    where state = 'active'`.execute(db)
}

/**
 * A run has a job from the transaction it was made in. Only after a restore, which carries runs and no
 * jobs, are there runs without: they are queued again.
 */
async function enqueueLost(db: Database, boss: PgBoss, kind: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from runs r
    where kind = ${kind} and status in ('queued', 'running') and deleted_at is null
      and not exists (
        select from pgboss.job j where j.name in (${kind}, ${deadLetterQueue})
          and j.data->>'runId' = r.id and j.state in ('created', 'retry', 'active'))`.execute(db)
  for (const { id } of rows) await boss.send(kind, { runId: id })
}
