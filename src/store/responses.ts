/** Answers kept so that they can be asked for again and gone on from; sealed under the workspace's key. */
import type { Scope } from '../access/scope.ts'
import { AppError } from '../errors.ts'
import type { Also, Database } from './database.ts'
import type { Keyring } from './keyring.ts'
import { seal, unseal } from './seal.ts'

export interface Responses<Content> {
  put(scope: Scope, id: string, content: Content): Promise<void>
  get(scope: Scope, id: string): Promise<Content>
  remove(scope: Scope, id: string, also: Also<{ id: string }>): Promise<void>
  /** Removes what a workspace was given before a time; tells how many. */
  expire(workspaceId: string, before: Date, also: Also<number>): Promise<void>
}

export function createResponses<Content>(db: Database, keyring: Keyring): Responses<Content> {
  const context = (id: string) => `response:${id}`
  const missing = (id: string) =>
    new AppError(
      'not_found',
      `No response ${id.slice(0, 60)} in this workspace: it was not stored, or its time is over.`,
    )
  return {
    async put(scope, id, content) {
      const key = await keyring.dataKey(scope.workspaceId)
      const sealed = seal(key.encryption, Buffer.from(JSON.stringify(content)), context(id))
      await db
        .insertInto('responses')
        .values({ id, workspace_id: scope.workspaceId, sealed })
        .execute()
    },

    async get(scope, id) {
      const row = await db
        .selectFrom('responses')
        .select('sealed')
        .where('id', '=', id)
        .where('workspace_id', '=', scope.workspaceId)
        .executeTakeFirst()
      if (!row) throw missing(id)
      const key = await keyring.dataKey(scope.workspaceId)
      return JSON.parse(unseal(key.encryption, row.sealed, context(id)).toString()) as Content
    },

    async remove(scope, id, also) {
      await db.transaction().execute(async (transaction) => {
        const removed = await transaction
          .deleteFrom('responses')
          .where('id', '=', id)
          .where('workspace_id', '=', scope.workspaceId)
          .returning('id')
          .executeTakeFirst()
        if (!removed) throw missing(id)
        await also(transaction, removed)
      })
    },

    async expire(workspaceId, before, also) {
      await db.transaction().execute(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('responses')
          .where('workspace_id', '=', workspaceId)
          .where('created_at', '<', before)
          .executeTakeFirst()
        await also(transaction, Number(numDeletedRows))
      })
    },
  }
}
