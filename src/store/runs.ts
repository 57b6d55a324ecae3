/**
 * Runs: durable pieces of work with progress, results per item, and an end. The row is the truth;
 * the job queue only says when to look at it. A killed run goes on where its items stop.
 */

import { sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import { AppError, type FailureCode } from '../errors.ts'
import { newId } from '../ids.ts'
import { type Also, anyOf, type Database, type DatabaseTransaction } from './database.ts'
import { holdWorkspace } from './hold-workspace.ts'
import type { Jobs } from './jobs.ts'
import { type Page, type PageWish, pageBy } from './paging.ts'
import type { Row } from './schema.ts'

export type Run = Row<'runs'>
export type RunItem = Row<'run_items'>
export type RunStatus = Run['status']

/** Who a run acts for; the scope is made afresh from it each time the run is picked up. */
export interface RunActor {
  keyId: string
  actorId: string
}

export interface NewRun {
  kind: string
  input: unknown
  /** Number of items, where it is known beforehand. */
  total?: number | undefined
  id?: string
}

export interface RunFilter {
  kind: string
  /** Undefined: all. */
  statuses?: RunStatus[] | undefined
}

export interface Runs {
  create(scope: Scope, run: NewRun, also?: Also<Run>): Promise<Run>
  get(scope: Scope, kind: string, id: string): Promise<Run>
  list(scope: Scope, wanted: RunFilter & PageWish): Promise<Page<Run>>
  count(scope: Scope, filter: RunFilter): Promise<number>
  /** Asks a run to stop; it ends as cancelled at its next step. */
  cancel(scope: Scope, kind: string, id: string, also?: Also<Run>): Promise<Run>
  remove(scope: Scope, kind: string, id: string, also?: Also<Run>): Promise<Run>
  /** Removes runs of a workspace that ended before a time; tells which. */
  expire(workspaceId: string, kind: string, before: Date, also: Also<Run[]>): Promise<void>
  items(runId: string): Promise<RunItem[]>
  counts(runId: string): Promise<ItemCounts>
  /** For workers: the run as it stands, now running; null when it has ended already. */
  claim(id: string): Promise<Run | null>
  reload(id: string): Promise<Run>
  progress(id: string, done: number, total: number | null): Promise<void>
  /** Stores an item's result unless it has one; `also` is for the first only. `not_found` once removed. */
  putItem(
    id: string,
    item: { index: number; status: RunItem['status']; result: unknown },
    also?: Also<void>,
  ): Promise<void>
  finish(id: string, end: RunEnd): Promise<void>
}

/**
 * An item's result as it is stored: its JSON text, as one string. As a JSON value it could not hold
 * everything a model or a caller may write: U+0000 and halves of surrogate pairs have no place in jsonb.
 */
export function storedResult(result: unknown): string {
  return JSON.stringify(result)
}

/** Results were stored as JSON values before they were stored as text. */
function resultOf(stored: unknown): unknown {
  return typeof stored === 'string' ? JSON.parse(stored) : stored
}

export interface ItemCounts {
  done: number
  failed: number
}

/** `result` of a run that ended early is what stands of it; null where there is nothing. */
export type RunEnd =
  | { status: 'done'; result: unknown }
  | { status: 'failed'; error: { code: FailureCode; message: string }; result: unknown }
  | { status: 'cancelled'; result: unknown }

/** Takes what they were given and what came of it out of removed runs; that they ran stays. */
async function emptyRuns(transaction: DatabaseTransaction, ids: string[]): Promise<void> {
  await transaction.deleteFrom('run_items').where('run_id', '=', anyOf(ids)).execute()
  await transaction
    .updateTable('runs')
    .set({ input: '{}', result: null, error: null })
    .where('id', '=', anyOf(ids))
    .execute()
}

/** `finished` is called in the transaction that ends a run. */
export function createRuns(db: Database, jobs: Jobs, finished: Also<Run>): Runs {
  const owned = (scope: Scope, kind: string, id: string) =>
    db
      .selectFrom('runs')
      .selectAll()
      .where('id', '=', id)
      .where('kind', '=', kind)
      .where('workspace_id', '=', scope.workspaceId)
      .where('deleted_at', 'is', null)

  async function get(scope: Scope, kind: string, id: string): Promise<Run> {
    const run = await owned(scope, kind, id).executeTakeFirst()
    if (!run) throw new AppError('not_found', `No ${kind} ${id.slice(0, 60)} in this workspace.`)
    return run
  }

  function matching(scope: Scope, { kind, statuses }: RunFilter) {
    const query = db
      .selectFrom('runs')
      .where('workspace_id', '=', scope.workspaceId)
      .where('kind', '=', kind)
      .where('deleted_at', 'is', null)
    return statuses ? query.where('status', '=', sql<RunStatus>`any(${statuses})`) : query
  }

  const isOver = (run: Run) => run.status !== 'queued' && run.status !== 'running'

  return {
    get,
    async create(scope, wanted, also) {
      const actor: RunActor = { keyId: scope.keyId, actorId: scope.actor.id }
      const run = await db.transaction().execute(async (transaction) => {
        await holdWorkspace(transaction, scope.workspaceId)
        const row = await transaction
          .insertInto('runs')
          .values({
            id: wanted.id ?? newId('run'),
            workspace_id: scope.workspaceId,
            kind: wanted.kind,
            status: 'queued',
            input: JSON.stringify(wanted.input),
            actor: JSON.stringify(actor),
            progress_total: wanted.total ?? null,
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        await jobs.enqueue(wanted.kind, row.id, transaction)
        await also?.(transaction, row)
        return row
      })
      jobs.wake(wanted.kind)
      return run
    },

    list: (scope, wanted) => pageBy(matching(scope, wanted).selectAll(), 'id', wanted),

    async count(scope, filter) {
      const { count } = await matching(scope, filter)
        .select(db.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    async cancel(scope, kind, id, also) {
      const run = await get(scope, kind, id)
      if (isOver(run)) return run
      // One that has not begun ends here; one that runs is told and ends itself.
      await db.transaction().execute(async (transaction) => {
        const cancelled = await transaction
          .updateTable('runs')
          .set({
            cancel_requested_at: new Date(),
            status: sql`case when status = 'queued' then 'cancelled' else status end` as never,
            finished_at: sql`case when status = 'queued' then now() else finished_at end` as never,
          })
          .where('id', '=', id)
          .where('status', 'in', ['queued', 'running'])
          .returningAll()
          .executeTakeFirst()
        if (cancelled) await also?.(transaction, cancelled)
        if (cancelled?.status === 'cancelled') await finished(transaction, cancelled)
      })
      return get(scope, kind, id)
    },

    async remove(scope, kind, id, also) {
      const run = await get(scope, kind, id)
      if (!isOver(run)) {
        throw new AppError('conflict', `The ${kind} ${id} is still ${run.status}. Cancel it first.`)
      }
      await db.transaction().execute(async (transaction) => {
        const removed = await transaction
          .updateTable('runs')
          .set({ deleted_at: new Date() })
          .where('id', '=', id)
          .where('deleted_at', 'is', null)
          .returningAll()
          .executeTakeFirst()
        if (!removed) return
        await emptyRuns(transaction, [id])
        await also?.(transaction, removed)
      })
      return run
    },

    async expire(workspaceId, kind, before, also) {
      await db.transaction().execute(async (transaction) => {
        const expired = await transaction
          .updateTable('runs')
          .set({ deleted_at: new Date() })
          .where('workspace_id', '=', workspaceId)
          .where('kind', '=', kind)
          .where('finished_at', '<', before)
          .where('deleted_at', 'is', null)
          .returningAll()
          .execute()
        const ids = expired.map(({ id }) => id)
        if (ids.length > 0) await emptyRuns(transaction, ids)
        await also(transaction, expired)
      })
    },

    async items(runId) {
      const rows = await db
        .selectFrom('run_items')
        .selectAll()
        .where('run_id', '=', runId)
        .orderBy('item')
        .execute()
      return rows.map((row) => ({ ...row, result: resultOf(row.result) }))
    },

    async counts(runId) {
      const rows = await db
        .selectFrom('run_items')
        .select(['status', db.fn.countAll<number>().as('count')])
        .where('run_id', '=', runId)
        .groupBy('status')
        .execute()
      const of = (status: RunItem['status']) =>
        Number(rows.find((row) => row.status === status)?.count ?? 0)
      return { done: of('done'), failed: of('failed') }
    },

    async claim(id) {
      const run = await db
        .updateTable('runs')
        .set({
          status: 'running',
          attempts: sql`attempts + 1` as never,
          started_at: sql`coalesce(started_at, now())` as never,
        })
        .where('id', '=', id)
        .where('status', 'in', ['queued', 'running'])
        .where('deleted_at', 'is', null)
        .returningAll()
        .executeTakeFirst()
      return run ?? null
    },

    reload: (id) =>
      db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),

    async progress(id, done, total) {
      await db
        .updateTable('runs')
        .set({ progress_done: done, progress_total: total })
        .where('id', '=', id)
        .execute()
    },

    async putItem(id, { index, status, result }, also) {
      const values = {
        run_id: id,
        item: index,
        status,
        result: JSON.stringify(storedResult(result)),
      }
      await db.transaction().execute(async (transaction) => {
        // Until this ends it cannot be removed: a worker that was frozen may come back after somebody did.
        const held = await transaction
          .selectFrom('runs')
          .select('id')
          .where('id', '=', id)
          .where('deleted_at', 'is', null)
          .forShare()
          .executeTakeFirst()
        if (!held) throw new AppError('not_found', `The run ${id} was removed.`)
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('run_items')
          .values(values)
          .onConflict((conflict) => conflict.columns(['run_id', 'item']).doNothing())
          .executeTakeFirst()
        if (numInsertedOrUpdatedRows) await also?.(transaction)
      })
    },

    async finish(id, end) {
      await db.transaction().execute(async (transaction) => {
        const ended = await transaction
          .updateTable('runs')
          .set({
            status: end.status,
            finished_at: new Date(),
            result: end.result === undefined ? null : JSON.stringify(end.result),
            ...(end.status === 'failed' && { error: JSON.stringify(end.error) }),
          })
          .where('id', '=', id)
          .where('status', 'in', ['queued', 'running'])
          .returningAll()
          .executeTakeFirst()
        if (ended) await finished(transaction, ended)
      })
    },
  }
}
