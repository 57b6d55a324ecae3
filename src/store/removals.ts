/**
 * Removal of stored objects that no kill and no absent store loses. An object is planned to go before it
 * is stored, and kept by the transaction that makes its row; what makes a row go plans its object's
 * removal in the same transaction. Whatever is due is removed, and tried again until it is gone.
 */
import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { anyOf, type Database, type DatabaseTransaction } from './database.ts'
import type { Objects } from './objects/objects.ts'

export interface Removals {
  /** Plans objects, or folders (a slash at the end), to go in `afterMs`; in the caller's transaction. */
  plan(handle: Database, names: readonly string[], afterMs?: number): Promise<void>
  /** Lets those go at once that are planned to go later; what was kept meanwhile is not on the list, and stays. */
  hasten(names: readonly string[]): Promise<void>
  /** Takes planned objects off the list again; `timeout` where one is on its way out already. */
  keep(transaction: DatabaseTransaction, names: readonly string[]): Promise<void>
  /** Removes what is due. What fails is tried again at a later sweep; the first failure is thrown. */
  sweep(): Promise<void>
}

const batchSize = 200
const retryAfterMs = 60_000

export function createRemovals(parts: { db: Database; objects: Objects; clock: Clock }): Removals {
  const { db, objects, clock } = parts
  const fromNow = (ms: number) => new Date(clock.now() + ms)

  const take = () =>
    db
      .updateTable('blob_removals')
      .set({ begun: true })
      .where('name', 'in', (due) =>
        due
          .selectFrom('blob_removals')
          .select('name')
          .where('due_at', '<=', fromNow(0))
          .orderBy('due_at')
          .limit(batchSize),
      )
      .returning('name')
      .execute()

  async function remove(name: string): Promise<void> {
    if (name.endsWith('/')) await objects.removeAll(name.slice(0, -1))
    else await objects.remove(name)
    await db.deleteFrom('blob_removals').where('name', '=', name).execute()
  }

  let current = Promise.resolve()
  let next: Promise<void> | null = null

  /** Ends at the first failure, which is then last in the order: the store may be away. */
  async function sweepOnce(): Promise<void> {
    for (;;) {
      const due = await take()
      for (const { name } of due) {
        try {
          await remove(name)
        } catch (error) {
          const later = { due_at: fromNow(retryAfterMs) }
          await db.updateTable('blob_removals').set(later).where('name', '=', name).execute()
          throw error
        }
      }
      if (due.length < batchSize) return
    }
  }

  return {
    async plan(handle, names, afterMs = 0) {
      if (names.length === 0) return
      // One parameter however many names, as with `anyOf`.
      await sql`insert into blob_removals (name, due_at)
        select name, ${fromNow(afterMs)} from unnest(${[...names]}::text[]) name
        on conflict (name) do update set due_at = excluded.due_at`.execute(handle)
    },

    async hasten(names) {
      await db
        .updateTable('blob_removals')
        .set({ due_at: fromNow(0) })
        .where('name', '=', anyOf(names))
        .execute()
    },

    async keep(transaction, names) {
      const { numDeletedRows } = await transaction
        .deleteFrom('blob_removals')
        .where('name', '=', anyOf(names))
        .where('begun', '=', false)
        .executeTakeFirst()
      if (Number(numDeletedRows) === names.length) return
      throw new AppError('timeout', 'Storing took longer than a day. Send the request again.')
    },

    sweep() {
      // One at a time, and whoever asks meanwhile shares the next one.
      next ??= current
        .catch(() => {})
        .then(() => {
          next = null
          current = sweepOnce()
          return current
        })
      return next
    },
  }
}
