/** OpenAI's uploads: a large file in parts, each acknowledged by itself. */
import { z } from 'zod'
import type { Also } from '../../store/database.ts'
import type { Files } from '../../store/files.ts'
import type { PartUploads, Upload, UploadPart } from '../../store/part-uploads.ts'
import type { Asking, RecordChange } from '../change.ts'
import { readUpload } from '../multipart.ts'
import { type Route, route } from '../route.ts'
import { idParams } from '../shapes.ts'
import { fileBody, knownPurpose } from './files.ts'

export interface UploadRouteParts {
  uploads: PartUploads
  files: Files
  record: RecordChange
}

const seconds = (time: Date) => Math.floor(time.getTime() / 1000)

function uploadBody(upload: Upload) {
  return {
    id: upload.id,
    object: 'upload',
    bytes: upload.size_bytes,
    created_at: seconds(upload.created_at),
    expires_at: seconds(upload.expires_at),
    filename: upload.name,
    mime_type: upload.mime_type,
    purpose: upload.purpose,
    status: upload.status,
    file: null,
  }
}

function partBody(part: UploadPart) {
  return {
    id: part.id,
    object: 'upload.part',
    created_at: seconds(part.created_at),
    upload_id: part.upload_id,
    bytes: part.size_bytes,
  }
}

const uploadAnswer = z.looseObject({ id: z.string(), object: z.literal('upload') })

export function uploadRoutes({ uploads, files, record }: UploadRouteParts): Route[] {
  const subject = (id: string) => ({ subject: { kind: 'upload', id } })
  const common = { guard: 'files:write', tag: 'Files', openai: true } as const
  const told =
    (asking: Asking, kind: string): Also<Upload> =>
    (transaction, upload) =>
      record(transaction, asking, kind, {
        ...subject(upload.id),
        details: { purpose: upload.purpose, size_bytes: upload.size_bytes },
      })

  return [
    route({
      ...common,
      method: 'POST',
      path: '/v1/uploads',
      summary: 'Begin the upload of a file in parts; it ends after an hour',
      body: z.looseObject({
        filename: z.string().min(1).max(200),
        bytes: z.number().int().min(1),
        mime_type: z.string().min(1).max(200),
        purpose: z.string().max(100),
        /** How long files are kept is the workspace's to say. */
        expires_after: z.null().optional(),
      }),
      response: uploadAnswer,
      handler: async (incoming) => {
        const { scope, body } = incoming
        const wanted = {
          name: body.filename,
          purpose: knownPurpose(body.purpose),
          mimeType: body.mime_type,
          sizeBytes: body.bytes,
        }
        return uploadBody(await uploads.create(scope, wanted, told(incoming, 'upload.create')))
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/v1/uploads/{id}',
      guard: 'files:read',
      summary: 'An upload and its parts, to go on with after a break',
      params: idParams,
      response: uploadAnswer,
      handler: async ({ scope, params }) => {
        const upload = await uploads.get(scope, params.id)
        const parts = await uploads.parts(scope, params.id)
        const body = { ...uploadBody(upload), parts: parts.map(partBody) }
        if (!upload.file_id) return body
        const file = fileBody(await files.get(scope, upload.file_id))
        return { ...body, filename: file.filename, file }
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/v1/uploads/{id}/parts',
      summary: 'Add a part of at most 64 MB, in any order',
      params: idParams,
      rawBody: 'multipart/form-data',
      response: z.looseObject({ id: z.string(), object: z.literal('upload.part') }),
      handler: async (incoming) => {
        const { scope, params } = incoming
        // Whose upload it is comes before what was sent.
        await uploads.get(scope, params.id)
        const part = await readUpload(incoming, ({ content }) =>
          uploads.addPart(scope, params.id, content, (transaction, { id, size_bytes }) =>
            record(transaction, incoming, 'upload.part', {
              ...subject(params.id),
              details: { part: id, size_bytes },
            }),
          ),
        )
        return partBody(part)
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/v1/uploads/{id}/complete',
      summary: 'Put the parts together as a file',
      params: idParams,
      body: z.looseObject({
        part_ids: z.array(z.string().max(100)).min(1).max(10_000),
        /** In hexadecimal, as usual tools print it. */
        md5: z
          .string()
          .regex(/^[0-9a-fA-F]{32}$/)
          .nullish(),
      }),
      response: uploadAnswer,
      handler: async (incoming) => {
        const { scope, params, body } = incoming
        const how = { partIds: body.part_ids, md5: body.md5?.toLowerCase() }
        const { upload, file } = await uploads.complete(
          scope,
          params.id,
          how,
          (transaction, made) =>
            record(transaction, incoming, 'upload.complete', {
              ...subject(params.id),
              details: { file: made.file.id, size_bytes: made.file.size_bytes },
            }),
        )
        return { ...uploadBody(upload), file: fileBody(file) }
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/v1/uploads/{id}/cancel',
      summary: 'Give an upload up',
      params: idParams,
      response: uploadAnswer,
      handler: async (incoming) => {
        const { scope, params } = incoming
        return uploadBody(await uploads.cancel(scope, params.id, told(incoming, 'upload.cancel')))
      },
    }),
  ]
}
