/** Customers' files: a row that says what it is, a sealed blob that holds it. */

import type { Readable } from 'node:stream'
import type { Scope } from '../access/scope.ts'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import { type Blobs, readBlob, type StoredBlob } from './blobs.ts'
import type { Also, Database } from './database.ts'
import { holdWorkspace } from './hold-workspace.ts'
import type { DataKey, Keyring } from './keyring.ts'
import { type Page, type PageWish, pageBy } from './paging.ts'
import type { Row } from './schema.ts'

export type FileInfo = Row<'files'>

export interface NewFile {
  /** Given where making the file twice must make one; else it is chosen. */
  id?: string
  name: string
  /** Asked for when the content is stored: in an upload it may stand behind it. */
  purpose: () => Promise<string>
  mimeType: string
  content: AsyncIterable<Uint8Array>
}

export interface Files {
  create(scope: Scope, file: NewFile, also?: Also<FileInfo>): Promise<FileInfo>
  list(scope: Scope, wanted: PageWish & { purpose?: string | undefined }): Promise<Page<FileInfo>>
  count(scope: Scope, purpose: string | undefined): Promise<number>
  get(scope: Scope, id: string): Promise<FileInfo>
  stream(scope: Scope, id: string): Promise<Readable>
  bytes(scope: Scope, id: string): Promise<Buffer>
  remove(scope: Scope, id: string, also?: Also<FileInfo>): Promise<FileInfo>
  /** Removes what a workspace was given before a time; tells how many. */
  expire(workspaceId: string, before: Date, also: Also<number>): Promise<void>
}

export interface FilesOptions {
  db: Database
  blobs: Blobs
  keyring: Keyring
  limitBytes: number
}

export function createFiles({ db, blobs, keyring, limitBytes }: FilesOptions): Files {
  const get = (scope: Scope, id: string) => getIn(db, scope, id)

  async function getIn(handle: Database, scope: Scope, id: string): Promise<FileInfo> {
    const row = await handle
      .selectFrom('files')
      .selectAll()
      .where('id', '=', id)
      .where('workspace_id', '=', scope.workspaceId)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    if (!row) throw new AppError('not_found', `No file ${id.slice(0, 60)} in this workspace.`)
    return row
  }

  async function insert(
    scope: Scope,
    file: NewFile,
    stored: { key: DataKey; blob: StoredBlob },
    also?: Also<FileInfo>,
  ) {
    const { key, blob } = stored
    const purpose = await file.purpose()
    const id = file.id ?? newId('file')
    return db.transaction().execute(async (transaction) => {
      await holdWorkspace(transaction, scope.workspaceId)
      const row = await transaction
        .insertInto('files')
        .values({
          id,
          workspace_id: scope.workspaceId,
          name: file.name,
          purpose,
          mime_type: file.mimeType,
          size_bytes: blob.sizeBytes,
          blob: blob.address,
          created_by: scope.actor.id,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returningAll()
        .executeTakeFirst()
      if (row) {
        await blobs.keep(transaction, key, blob.address)
        await also?.(transaction, row)
      }
      return row ?? getIn(transaction, scope, id)
    })
  }

  function matching(scope: Scope, purpose: string | undefined) {
    const all = db
      .selectFrom('files')
      .where('workspace_id', '=', scope.workspaceId)
      .where('deleted_at', 'is', null)
    return purpose ? all.where('purpose', '=', purpose) : all
  }

  return {
    get,
    async create(scope, file, also) {
      const key = await keyring.dataKey(scope.workspaceId)
      const blob = await blobs.put(key, file.content, limitBytes)
      try {
        const row = await insert(scope, file, { key, blob }, also)
        // It was made before: what came now is one too many.
        if (row.blob !== blob.address) await blobs.discard(key, blob.address)
        return row
      } catch (error) {
        await blobs.discard(key, blob.address)
        throw error
      }
    },
    list: (scope, { purpose, ...wish }) => pageBy(matching(scope, purpose).selectAll(), 'id', wish),
    async count(scope, purpose) {
      const { count } = await matching(scope, purpose)
        .select(db.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },
    async stream(scope, id) {
      const file = await get(scope, id)
      return blobs.read(await keyring.dataKey(scope.workspaceId), file.blob)
    },
    async bytes(scope, id) {
      const file = await get(scope, id)
      return readBlob(blobs, await keyring.dataKey(scope.workspaceId), file.blob)
    },
    async remove(scope, id, also) {
      const file = await get(scope, id)
      const key = await keyring.dataKey(scope.workspaceId)
      await db.transaction().execute(async (transaction) => {
        const removed = await transaction
          .updateTable('files')
          .set({ deleted_at: new Date() })
          .where('id', '=', id)
          .where('deleted_at', 'is', null)
          .returningAll()
          .executeTakeFirst()
        if (!removed) return
        // Its name goes with it; only that there was one stays.
        await transaction.updateTable('files').set({ name: '' }).where('id', '=', id).execute()
        await blobs.drop(transaction, key, removed.blob)
        await also?.(transaction, removed)
      })
      await blobs.settle()
      return file
    },
    async expire(workspaceId, before, also) {
      const key = await keyring.dataKey(workspaceId)
      await db.transaction().execute(async (transaction) => {
        const expired = await transaction
          .updateTable('files')
          .set({ deleted_at: new Date(), name: '' })
          .where('workspace_id', '=', workspaceId)
          .where('created_at', '<', before)
          .where('deleted_at', 'is', null)
          .returning('blob')
          .execute()
        await blobs.drop(transaction, key, ...expired.map(({ blob }) => blob))
        await also(transaction, expired.length)
      })
      await blobs.settle()
    },
  }
}
