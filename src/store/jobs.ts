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
  enqueue(
    kind: string,
    runId: string,
    transaction: DatabaseTransaction,
    /** Whom the job is for, where the kind says how many jobs of one may run at once. */
    group?: string,
  ): Promise<void>
  /** Tells this process's workers to look now instead of at their next poll. */
  wake(kind: string): void
  work(kind: string, handler: JobHandler): Promise<void>
  /** Stops taking jobs and hands running ones back to the queue. */
  close(): Promise<void>
}

const retryLimit = 8
const heartbeatSeconds = 15
const deadLetterQueue = 'dead-letters'

/** What there is to say of a kind of job; delays in seconds, doubling with each attempt. */
export interface JobKind {
  retryLimit?: number
  retryDelay?: number
  retryDelayMax?: number
  /** Jobs that run at once in one process, where it is another number than for most. */
  concurrency?: number
  /** Of these, how many of one group: so that no group waits for another. */
  perGroup?: number
  /** What is to be done though it may have no job; default: the runs of the kind that have not ended. */
  unfinished?: () => Promise<Unfinished[]>
}

export interface Unfinished {
  id: string
  group?: string
}

export interface JobsOptions {
  database: OpenDatabase
  log: Log
  concurrency: number
  /** Every kind of job there is, and how it is tried again; their queues are made at start. */
  kinds: Readonly<Record<string, JobKind>>
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
    const unfinished = await (policy.unfinished?.() ?? unfinishedRuns(database.db, kind))
    await enqueueLost(database.db, boss, kind, unfinished)
  }

  return {
    async enqueue(kind, runId, transaction, group) {
      const sending = { db: fromKysely(transaction), ...(group && { group: { id: group } }) }
      await boss.send(kind, { runId }, sending)
    },
    wake(kind) {
      const worker = workers.get(kind)
      if (worker) boss.notifyWorker(worker)
    },
    async work(kind, handler) {
      const { perGroup, ...own } = options.kinds[kind] ?? {}
      const workOptions = {
        localConcurrency: own.concurrency ?? concurrency,
        pollingIntervalSeconds: 1,
        ...(perGroup && { localGroupConcurrency: perGroup }),
      }
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

function createQueue(boss: PgBoss, kind: string, policy: JobKind): Promise<void> {
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

async function unfinishedRuns(db: Database, kind: string): Promise<Unfinished[]> {
  return db
    .selectFrom('runs')
    .select('id')
    .where('kind', '=', kind)
    .where('status', 'in', ['queued', 'running'])
    .where('deleted_at', 'is', null)
    .execute()
}

/**
 * Everything durable has a job from the transaction it was made in. Only after a restore, which carries
 * rows and no jobs, is there something without: it is queued again.
 */
async function enqueueLost(
  db: Database,
  boss: PgBoss,
  kind: string,
  unfinished: readonly Unfinished[],
): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select data->>'runId' as id from pgboss.job
    where name in (${kind}, ${deadLetterQueue}) and state in ('created', 'retry', 'active')`.execute(
    db,
  )
  const queued = new Set(rows.map(({ id }) => id))
  for (const { id, group } of unfinished) {
    if (queued.has(id)) continue
    await boss.send(kind, { runId: id }, group ? { group: { id: group } } : {})
  }
}
