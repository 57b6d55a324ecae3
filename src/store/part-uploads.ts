/**
 * Files that arrive in parts, each acknowledged by itself, and are put together at the end. A part is a
 * sealed blob with a row; whatever ends an upload drops its parts in the same transaction. The whole is
 * put together before that transaction, so that nothing waits for it, and lost with it.
 */
import { createHash } from 'node:crypto'
import type { Scope } from '../access/scope.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Blobs } from './blobs.ts'
import type { Also, Database, DatabaseTransaction } from './database.ts'
import type { FileInfo, Files } from './files.ts'
import { holdWorkspace } from './hold-workspace.ts'
import type { DataKey, Keyring } from './keyring.ts'
import type { Row, UploadStatus } from './schema.ts'

export type Upload = Row<'uploads'>
export type UploadPart = Row<'upload_parts'>

export interface NewUpload {
  name: string
  purpose: string
  mimeType: string
  sizeBytes: number
}

export interface Completion {
  /** Ids of parts in the order of the whole. */
  partIds: readonly string[]
  /** Lower-case hex; undefined: not compared. */
  md5: string | undefined
}

export interface PartUploads {
  create(scope: Scope, wanted: NewUpload, also: Also<Upload>): Promise<Upload>
  get(scope: Scope, id: string): Promise<Upload>
  /** What has arrived, in the order in which it did. */
  parts(scope: Scope, id: string): Promise<UploadPart[]>
  addPart(
    scope: Scope,
    id: string,
    content: AsyncIterable<Uint8Array>,
    also: Also<UploadPart>,
  ): Promise<UploadPart>
  /** Makes the file; whatever does not fit is refused, and the upload goes on. */
  complete(
    scope: Scope,
    id: string,
    how: Completion,
    also: Also<{ upload: Upload; file: FileInfo }>,
  ): Promise<{ upload: Upload; file: FileInfo }>
  cancel(scope: Scope, id: string, also: Also<Upload>): Promise<Upload>
  /** Ends what has expired, and forgets what ended a day ago. */
  sweep(also: Also<Upload & { organisation_id: string }>): Promise<void>
}

const lifeMs = 3_600_000
const rememberedMs = 24 * 3_600_000
const partsMax = 10_000
const megabyte = 2 ** 20
const partLimitBytes = 64 * megabyte

export interface PartUploadsOptions {
  db: Database
  blobs: Blobs
  files: Files
  keyring: Keyring
  clock: Clock
  limitBytes: number
}

export function createPartUploads(options: PartUploadsOptions): PartUploads {
  const { db, blobs, files, keyring, clock, limitBytes } = options
  const now = () => new Date(clock.now())

  async function get(scope: Scope, id: string): Promise<Upload> {
    const row = await db
      .selectFrom('uploads')
      .selectAll()
      .where('id', '=', id)
      .where('workspace_id', '=', scope.workspaceId)
      .executeTakeFirst()
    if (!row) throw new AppError('not_found', `No upload ${id.slice(0, 60)} in this workspace.`)
    const isLate = row.status === 'pending' && row.expires_at <= now()
    return isLate ? { ...row, status: 'expired' } : row
  }

  const partsOf = (id: string) =>
    db.selectFrom('upload_parts').selectAll().where('upload_id', '=', id).orderBy('id').execute()

  /** Ends a pending upload and lets its parts go; the row as it was before, or null when it had ended. */
  async function conclude(
    transaction: DatabaseTransaction,
    key: DataKey,
    upload: Upload,
    end: { status: UploadStatus; fileId?: string },
  ): Promise<Upload | null> {
    const { status, fileId = null } = end
    const ended = await transaction
      .updateTable('uploads')
      .set({ status, file_id: fileId, name: '', ended_at: now() })
      .where('id', '=', upload.id)
      .where('status', '=', 'pending')
      .returningAll()
      .executeTakeFirst()
    if (!ended) return null
    const parts = await transaction
      .deleteFrom('upload_parts')
      .where('upload_id', '=', upload.id)
      .returning('blob')
      .execute()
    await blobs.drop(transaction, key, ...parts.map(({ blob }) => blob))
    return { ...ended, name: upload.name }
  }

  return {
    get,
    async create(scope, wanted, also) {
      if (wanted.sizeBytes > limitBytes) {
        const most = Math.round(limitBytes / megabyte)
        const advice = 'Send a smaller file, or raise BASTIDE_FILE_LIMIT_MB.'
        throw new AppError('too_large', `A file has at most ${most} MB. ${advice}`, {
          param: 'bytes',
        })
      }
      return db.transaction().execute(async (transaction) => {
        await holdWorkspace(transaction, scope.workspaceId)
        const upload = await transaction
          .insertInto('uploads')
          .values({
            id: newId('upload'),
            workspace_id: scope.workspaceId,
            name: wanted.name,
            purpose: wanted.purpose,
            mime_type: wanted.mimeType,
            size_bytes: wanted.sizeBytes,
            created_by: scope.actor.id,
            created_at: now(),
            expires_at: new Date(clock.now() + lifeMs),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        await also(transaction, upload)
        return upload
      })
    },

    async parts(scope, id) {
      await get(scope, id)
      return partsOf(id)
    },

    async addPart(scope, id, content, also) {
      requirePending(await get(scope, id))
      const key = await keyring.dataKey(scope.workspaceId)
      const blob = await blobs.put(key, partOf(content), partLimitBytes)
      try {
        return await db.transaction().execute(async (transaction) => {
          await holdWorkspace(transaction, scope.workspaceId)
          await requireRoom(transaction, id, blob.sizeBytes)
          const part = await transaction
            .insertInto('upload_parts')
            .values({
              id: newId('part'),
              upload_id: id,
              blob: blob.address,
              size_bytes: blob.sizeBytes,
              created_at: now(),
            })
            .returningAll()
            .executeTakeFirstOrThrow()
          await blobs.keep(transaction, key, blob.address)
          await also(transaction, part)
          return part
        })
      } catch (error) {
        await blobs.discard(key, blob.address)
        throw error
      }
    },

    async complete(scope, id, how, also) {
      const upload = await get(scope, id)
      requirePending(upload)
      const chosen = choose(upload, await partsOf(id), how.partIds)
      const key = await keyring.dataKey(scope.workspaceId)
      async function* whole() {
        const digest = createHash('md5')
        for (const part of chosen) {
          for await (const chunk of await blobs.read(key, part.blob)) {
            digest.update(chunk)
            yield chunk as Uint8Array
          }
        }
        if (how.md5 === undefined || digest.digest('hex') === how.md5) return
        throw new AppError('invalid_request', 'The parts in this order have another md5.', {
          param: 'md5',
        })
      }
      let ended: Upload | null = null
      const content = { name: upload.name, mimeType: upload.mime_type, content: whole() }
      const purpose = async () => upload.purpose
      try {
        const file = await files.create(
          scope,
          { ...content, purpose },
          async (transaction, row) => {
            const end = { status: 'completed', fileId: row.id } as const
            ended = await conclude(transaction, key, upload, end)
            if (!ended) throw new AppError('conflict', `The upload ${id} has ended meanwhile.`)
            await also(transaction, { upload: ended, file: row })
          },
        )
        await blobs.settle()
        return { upload: ended!, file }
      } catch (error) {
        // Whoever ended it meanwhile took its parts away while they were being read.
        if (!(error instanceof AppError) || error.code !== 'invalid_request') {
          requirePending(await get(scope, id))
        }
        throw error
      }
    },

    async cancel(scope, id, also) {
      const upload = await get(scope, id)
      requirePending(upload)
      const key = await keyring.dataKey(scope.workspaceId)
      const cancelled = await db.transaction().execute(async (transaction) => {
        const ended = await conclude(transaction, key, upload, { status: 'cancelled' })
        if (ended) await also(transaction, ended)
        return ended
      })
      if (!cancelled) throw over(await get(scope, id))
      await blobs.settle()
      return cancelled
    },

    async sweep(also) {
      const late = await db
        .selectFrom('uploads')
        .innerJoin('workspaces', 'workspaces.id', 'uploads.workspace_id')
        .selectAll('uploads')
        .select('workspaces.organisation_id')
        .where('uploads.status', '=', 'pending')
        .where('uploads.expires_at', '<=', now())
        .where('workspaces.erased_at', 'is', null)
        .execute()
      for (const upload of late) {
        const key = await keyring.dataKey(upload.workspace_id)
        await db.transaction().execute(async (transaction) => {
          const ended = await conclude(transaction, key, upload, { status: 'expired' })
          if (ended) await also(transaction, upload)
        })
      }
      if (late.length > 0) await blobs.settle()
      const forgotten = new Date(clock.now() - rememberedMs)
      await db.deleteFrom('uploads').where('ended_at', '<', forgotten).execute()
    },
  }
}

/** Holds the upload's row until the transaction ends; refuses what would be more than it can need. */
async function requireRoom(
  transaction: DatabaseTransaction,
  id: string,
  sizeBytes: number,
): Promise<void> {
  const upload = await transaction
    .selectFrom('uploads')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow()
  requirePending(upload)
  const { bytes, count } = await transaction
    .selectFrom('upload_parts')
    .select((one) => [one.fn.sum<string>('size_bytes').as('bytes'), one.fn.countAll().as('count')])
    .where('upload_id', '=', id)
    .executeTakeFirstOrThrow()
  if (Number(count) >= partsMax) {
    throw new AppError('too_large', `An upload has at most ${partsMax} parts. Send larger ones.`)
  }
  // A part whose answer was lost is sent again: there is room for one that turns out not to be needed.
  if (Number(bytes ?? 0) + sizeBytes <= upload.size_bytes + partLimitBytes) return
  throw new AppError(
    'too_large',
    `The parts are more than the ${upload.size_bytes} bytes the upload was announced with.`,
  )
}

/** A part's bytes, at least one and not more than a part may have. */
async function* partOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0
  for await (const chunk of content) {
    sizeBytes += chunk.length
    if (sizeBytes > partLimitBytes) {
      throw new AppError('too_large', 'A part has at most 64 MB. Send the file in more parts.')
    }
    yield chunk
  }
  if (sizeBytes === 0) throw new AppError('invalid_request', 'The part is empty.')
}

function over({ id, status }: Upload): AppError {
  return new AppError('conflict', `The upload ${id} is ${status}. Begin a new one.`)
}

function requirePending(upload: Upload): void {
  if (upload.status !== 'pending') throw over(upload)
}

/** The named parts in their order; refuses what is not the announced whole. */
function choose(upload: Upload, parts: UploadPart[], ids: readonly string[]): UploadPart[] {
  const known = new Map(parts.map((part) => [part.id, part]))
  const refuse = (code: 'invalid_request' | 'not_found', message: string) =>
    new AppError(code, message, { param: 'part_ids' })
  const chosen = ids.map((id) => {
    const part = known.get(id)
    if (!part) throw refuse('not_found', `No part ${id.slice(0, 60)} in this upload.`)
    return part
  })
  if (new Set(ids).size !== ids.length) {
    throw refuse('invalid_request', 'A part is named twice; name each once.')
  }
  const sizeBytes = chosen.reduce((sum, part) => sum + part.size_bytes, 0)
  if (sizeBytes === upload.size_bytes) return chosen
  throw refuse(
    'invalid_request',
    `The parts have ${sizeBytes} bytes, and ${upload.size_bytes} were announced.`,
  )
}
