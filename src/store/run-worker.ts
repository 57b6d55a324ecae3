/**
 * Works on runs of one kind: takes up the run as it stands, watches for cancellation, and decides
 * whether a failure is tried again (the queue does that, with backoff) or ends the run.
 */
import type { Scope } from '../access/scope.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { databaseError } from './database.ts'
import type { Jobs } from './jobs.ts'
import type { Run, RunActor, Runs } from './runs.ts'

export interface RunWork {
  kind: string
  /** Does what is left; returns the run's result. Must bear being run again after any kill. */
  perform(run: Run, scope: Scope, signal: AbortSignal): Promise<unknown>
  /** What stands of a run that failed or was cancelled; kept as its result. */
  salvage?(run: Run, scope: Scope): Promise<unknown>
}

export interface RunWorkerParts {
  runs: Runs
  jobs: Jobs
  log: Log
  /** The scope of the key that started the run, if it may still act. */
  scopeOf(actor: RunActor): Promise<Scope>
  /** Calls `lost` when that key may no longer act; returns what ends the watch. */
  holdAccess(actor: RunActor, lost: (reason: AppError) => void): () => void
}

const cancelPollMs = 1_000

class RunCancelled extends Error {}

/** Thrown by work that trying again cannot mend, whatever its code says of single requests. */
export class RunOver extends AppError {}

function triesAgain(error: unknown): boolean {
  return !(error instanceof RunOver) && databaseError(error).mayRetry
}

export async function workOnRuns(parts: RunWorkerParts, work: RunWork): Promise<void> {
  const { runs, jobs, log } = parts

  async function handle(runId: string, jobSignal: AbortSignal): Promise<void> {
    const run = await runs.claim(runId)
    if (!run) return
    const cancelled = new AbortController()
    // It may have been cancelled while nobody worked on it.
    if (run.cancel_requested_at) cancelled.abort(new RunCancelled())
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
    const access = new AbortController()
    const actor = run.actor as RunActor
    const release = parts.holdAccess(actor, (reason) => access.abort(reason))
    try {
      scope = await parts.scopeOf(actor)
      const signal = AbortSignal.any([jobSignal, cancelled.signal, access.signal])
      const result = await work.perform(run, scope, signal)
      await runs.finish(run.id, { status: 'done', result })
    } catch (error) {
      const wasCancelled = cancelled.signal.aborted
      const mayGoOn = !wasCancelled && !access.signal.aborted
      if (mayGoOn && (jobSignal.aborted || triesAgain(error))) throw error
      const result = scope ? await work.salvage?.(run, scope) : null
      if (wasCancelled) await runs.finish(run.id, { status: 'cancelled', result })
      else {
        const failure = access.signal.aborted ? access.signal.reason : error
        await runs.finish(run.id, { status: 'failed', result, error: reason(run, failure) })
      }
    } finally {
      release()
      clearInterval(watch)
    }
  }

  function reason(run: Run, error: unknown) {
    const { code, message } = databaseError(error)
    if (code === 'internal') log.error({ err: error, runId: run.id }, 'run failed')
    return { code, message }
  }

  await jobs.work(work.kind, handle)
}
