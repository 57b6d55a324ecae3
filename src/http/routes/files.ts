/** Files in the shape both SDKs read. */

import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import type { Also } from '../../store/database.ts'
import type { FileInfo, Files } from '../../store/files.ts'
import type { Asking, RecordChange } from '../change.ts'
import { readUpload } from '../multipart.ts'
import { byId, ids, listBody, pageQuery, wishOf } from '../paging.ts'
import { originOf } from '../public-address.ts'
import { type Route, route } from '../route.ts'
import { idParams } from '../shapes.ts'
import type { SignedLinks } from '../signed-links.ts'

const purposes = ['batch', 'fine-tune', 'ocr', 'batch_output', 'user_data', 'assistants', 'vision']

/** A purpose that is not known here is the user's own affair. */
export const knownPurpose = (asked: string) => (purposes.includes(asked) ? asked : 'user_data')

export function fileBody(file: FileInfo) {
  return {
    id: file.id,
    object: 'file',
    bytes: file.size_bytes,
    created_at: Math.floor(file.created_at.getTime() / 1000),
    filename: file.name,
    purpose: file.purpose,
    // What either SDK's types require beside the above.
    status: 'processed',
    sample_type: file.purpose === 'batch_output' ? 'batch_result' : 'batch_request',
    source: file.purpose === 'batch_output' ? 'mistral' : 'upload',
    num_lines: null,
    mimetype: file.mime_type,
    signature: null,
    deleted: false,
  }
}

const fileAnswer = z.looseObject({ id: z.string(), object: z.literal('file') })

export interface FileRouteParts {
  files: Files
  links: SignedLinks
  record: RecordChange
  publicUrl: string
}

export function fileRoutes(parts: FileRouteParts): Route[] {
  const { files, links, record } = parts

  async function contentOf(scope: Scope, id: string): Promise<Response> {
    const file = await files.get(scope, id)
    const stream = await files.stream(scope, file.id)
    return new Response(Readable.toWeb(stream) as ReadableStream, {
      headers: {
        // Never the uploaded type: a stored page must not run as one of ours.
        'content-type': 'application/octet-stream',
        'content-length': String(file.size_bytes),
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      },
    })
  }

  const told =
    (asking: Asking, kind: string): Also<FileInfo> =>
    (transaction, file) => {
      const details = { purpose: file.purpose, size_bytes: file.size_bytes }
      return record(transaction, asking, kind, { subject: { kind: 'file', id: file.id }, details })
    }

  return [
    route({
      method: 'POST',
      path: '/v1/files',
      guard: 'files:write',
      summary: 'Upload a file',
      tag: 'Files',
      openai: true,
      rawBody: 'multipart/form-data',
      response: fileAnswer,
      handler: async (incoming) => {
        const stored = await readUpload(incoming, (file, fields) => {
          const purpose = async () => knownPurpose((await fields()).get('purpose') ?? 'batch')
          return files.create(incoming.scope, { ...file, purpose }, told(incoming, 'file.create'))
        })
        return fileBody(stored)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/files',
      guard: 'files:read',
      summary: 'List files',
      tag: 'Files',
      openai: true,
      query: pageQuery('desc').extend({
        purpose: z.string().optional(),
        page: z.coerce.number().int().min(0).max(1_000_000).optional(),
        page_size: z.coerce.number().int().min(1).max(1000).optional(),
      }),
      handler: async ({ scope, query }) => {
        const limit = query.page_size ?? query.limit
        const wish = { ...wishOf({ ...query, limit }, ids('file')), purpose: query.purpose }
        const page = await files.list(scope, { ...wish, offset: (query.page ?? 0) * limit })
        const total = await files.count(scope, query.purpose)
        return { ...listBody(page, fileBody, byId), total }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/files/{id}',
      guard: 'files:read',
      summary: 'What a file is',
      tag: 'Files',
      openai: true,
      params: idParams,
      response: fileAnswer,
      handler: async ({ scope, params }) => fileBody(await files.get(scope, params.id)),
    }),
    route({
      method: 'GET',
      path: '/v1/files/{id}/content',
      guard: 'files:read',
      summary: "A file's bytes",
      tag: 'Files',
      openai: true,
      params: idParams,
      answers: ['application/octet-stream'],
      handler: ({ scope, params }) => contentOf(scope, params.id),
    }),
    route({
      method: 'GET',
      path: '/v1/files/{id}/url',
      guard: 'files:read',
      summary: 'A link that opens the file without a key, for some hours (Mistral)',
      tag: 'Files',
      params: idParams,
      query: z.looseObject({ expiry: z.coerce.number().int().min(1).max(168).default(24) }),
      response: z.object({ url: z.string() }),
      handler: async ({ scope, params, query, request }) => {
        const file = await files.get(scope, params.id)
        const link = await links.make(scope, file.id, query.expiry)
        return { url: `${originOf(request, parts.publicUrl)}/v1/files/${file.id}/linked?${link}` }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/files/{id}/linked',
      guard: 'public',
      summary: 'The bytes of a file, by a link made for it',
      tag: 'Files',
      params: idParams,
      query: z.object({
        key: z.string().max(100),
        expires: z.coerce.number().int(),
        signature: z.string().max(100),
      }),
      answers: ['application/octet-stream'],
      handler: async ({ params, query }) => {
        const scope = await links.open({ file: params.id, ...query })
        return contentOf(scope, params.id)
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/files/{id}',
      guard: 'files:write',
      summary: 'Delete a file',
      tag: 'Files',
      openai: true,
      params: idParams,
      handler: async (incoming) => {
        const { scope, params } = incoming
        const file = await files.remove(scope, params.id, told(incoming, 'file.delete'))
        return { id: file.id, object: 'file', deleted: true }
      },
    }),
  ]
}
