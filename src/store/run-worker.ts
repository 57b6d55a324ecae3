/**
 * Works on runs of one kind: takes up the run as it stands, watches for cancellation, and decides
 * whether a failure is tried again (the queue does that, with backoff) or ends the run.
 */
import type { Scope } from '../access/scope.ts'
import type { Log } from '../log.ts'
import { databaseError } from './database.ts'
import type { Jobs } from './jobs.ts'
import type { Run, RunActor, Runs } from './runs.ts'

export interface RunWork {
  kind: string
  /** Does what is left; returns the run's result. Must bear being run again after any kill. */
  perform(run: Run, scope: Scope, signal: AbortSignal): Promise<unknown>
  /** What a cancelled run leaves as its result. Must bear being run again after any kill. */
  leave?(run: Run, scope: Scope): Promise<unknown>
}

export interface RunWorkerParts {
  runs: Runs
  jobs: Jobs
  log: Log
  /** The scope of the key that started the run, if it may still act. */
  scopeOf(actor: RunActor): Promise<Scope>
}

const cancelPollMs = 1_000

class RunCancelled extends Error {}

export async function workOnRuns(parts: RunWorkerParts, work: RunWork): Promise<void> {
  const { runs, jobs, log } = parts

  async function handle(runId: string, jobSignal: AbortSignal): Promise<void> {
    const run = await runs.claim(runId)
    if (!run) return
    const cancelled = new AbortController()
    const watch = setInterval(async () => {
      try {
        const { cancel_requested_at, deleted_at } = await runs.reload(run.id)
        if (cancel_requested_at || deleted_at) cancelled.abort(new RunCancelled())
      } catch (error) {
        // The next poll asks again; the work itself meets the same database and reports it.
        log.warn({ err: error, runId }, 'could not look whether a run was cancelled')
      }
    }, cancelPollMs)
    let scope: Scope | null = null
    try {
      scope = await parts.scopeOf(run.actor as RunActor)
      const signal = AbortSignal.any([jobSignal, cancelled.signal])
      const result = await work.perform(run, scope, signal)
      await runs.finish(run.id, { status: 'done', result })
    } catch (error) {
      if (cancelled.signal.aborted) {
        const result = scope ? await work.leave?.(run, scope) : undefined
        await runs.finish(run.id, { status: 'cancelled', result })
      } else if (jobSignal.aborted || databaseError(error).mayRetry) throw error
      else await fail(run, error)
    } finally {
      clearInterval(watch)
    }
  }

  async function fail(run: Run, error: unknown): Promise<void> {
    const known = databaseError(error)
    if (known.code === 'internal') log.error({ err: error, runId: run.id }, 'run failed')
    const { code, message } = known
    await runs.finish(run.id, { status: 'failed', error: { code, message } })
  }

  await jobs.work(work.kind, handle)
}
