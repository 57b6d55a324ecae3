/** Documents: uploaded once, read by a durable run, watched page by page. */

import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import type { Also } from '../../store/database.ts'
import type { Run } from '../../store/runs.ts'
import type {
  DocumentInput,
  Documents,
  DocumentView,
  StoredPage,
} from '../../workloads/documents/documents.ts'
import { documentText } from '../../workloads/documents/text.ts'
import type { Asking, RecordChange } from '../change.ts'
import { defaultReader } from '../dialect/ocr.ts'
import { readUpload } from '../multipart.ts'
import { ids, listBody, pageQuery, wishOf } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { idParams, listAnswer } from '../shapes.ts'
import { type SseEvent, sseResponse } from '../sse.ts'

export interface DocumentRouteParts {
  documents: Documents
  record: RecordChange
  fileLimitBytes: number
}

const pageParams = idParams.extend({ index: z.coerce.number().int().min(0) })
const documentAnswer = z.looseObject({ id: z.string(), status: z.string() })
const pollMs = 300
const watchSecondsMax = 3600

function documentBody({ run, input, pages, usage }: DocumentView) {
  const read = pages.filter((page) => page.confidence !== null)
  const words = read.reduce((sum, page) => sum + page.words, 0)
  const weighted = read.reduce((sum, page) => sum + page.confidence! * page.words, 0)
  return {
    id: run.id,
    object: 'document',
    name: input.name,
    mime_type: input.mimeType,
    size_bytes: input.sizeBytes,
    model: input.model,
    created_at: run.created_at,
    started_at: run.started_at,
    finished_at: run.finished_at,
    status: run.status,
    page_count: run.progress_total,
    pages_done: pages.length,
    error: run.error,
    confidence: words > 0 ? weighted / words : null,
    joules: usage.joules_source === null ? null : usage.joules,
    joules_source: usage.joules_source,
    euros: usage.euros,
    seconds: usage.run_seconds,
  }
}

function pageEvent(page: StoredPage): SseEvent {
  const { index, confidence, source, width, height } = page
  return { event: 'page', data: JSON.stringify({ index, confidence, source, width, height }) }
}

export function documentRoutes(parts: DocumentRouteParts): Route[] {
  const { documents, record } = parts

  const told =
    (asking: Asking, kind: string): Also<Run> =>
    (transaction, run) => {
      const details = { size_bytes: (run.input as DocumentInput).sizeBytes }
      return record(transaction, asking, kind, {
        subject: { kind: 'document', id: run.id },
        details,
      })
    }

  return [
    route({
      method: 'POST',
      path: '/v1/documents',
      guard: 'documents:write',
      summary: 'Upload a document and read it',
      tag: 'Documents',
      rawBody: 'multipart/form-data',
      status: 202,
      response: documentAnswer,
      handler: async (incoming) => {
        const stored = await readUpload(incoming, (file, fields) => {
          const how = async () => {
            const given = await fields()
            const languages = given.get('languages')?.split(/[,+ ]/).filter(Boolean)
            return { model: given.get('model') || defaultReader, ...(languages && { languages }) }
          }
          const document = { ...file, how, limitBytes: parts.fileLimitBytes }
          return documents.create(incoming.scope, document, told(incoming, 'document.create'))
        })
        return documentBody(stored)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/documents',
      guard: 'documents:read',
      summary: 'List documents, newest first',
      tag: 'Documents',
      query: pageQuery('desc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const page = await documents.list(scope, wishOf(query, ids('doc')))
        return listBody(page, documentBody, ({ run }) => run.id)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/documents/{id}',
      guard: 'documents:read',
      summary: 'A document and how far it is read',
      tag: 'Documents',
      params: idParams,
      response: documentAnswer,
      handler: async ({ scope, params }) => documentBody(await documents.get(scope, params.id)),
    }),
    route({
      method: 'GET',
      path: '/v1/documents/{id}/events',
      guard: 'documents:read',
      summary: 'Watch a document being read',
      tag: 'Documents',
      params: idParams,
      answers: ['text/event-stream'],
      handler: async ({ scope, params, signal }) => {
        const first = await documents.get(scope, params.id)
        return sseResponse(watch(documents, scope, first, signal))
      },
    }),
    route({
      method: 'GET',
      path: '/v1/documents/{id}/pages/{index}',
      guard: 'documents:read',
      summary: 'A page: text, words, boxes, confidences',
      tag: 'Documents',
      params: pageParams,
      handler: async ({ scope, params }) => {
        const page = await documents.page(scope, params.id, params.index)
        const { widthPixels, heightPixels, ...rest } = page
        return { ...rest, width: widthPixels, height: heightPixels }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/documents/{id}/pages/{index}/image',
      guard: 'documents:read',
      summary: "A page's picture",
      tag: 'Documents',
      params: pageParams,
      answers: ['image/png'],
      handler: async ({ scope, params }) => {
        const image = await documents.pageImage(scope, params.id, params.index)
        return new Response(new Uint8Array(image), {
          headers: { 'content-type': 'image/png', 'cache-control': 'private, max-age=3600' },
        })
      },
    }),
    route({
      method: 'GET',
      path: '/v1/documents/{id}/text',
      guard: 'documents:read',
      summary: 'The whole text as markdown, plain text or JSON',
      tag: 'Documents',
      params: idParams,
      query: z.looseObject({ format: z.enum(['markdown', 'text', 'json']).default('markdown') }),
      answers: ['text/markdown', 'text/plain', 'application/json'],
      handler: async ({ scope, params, query }) => {
        const text = await documentText(documents, scope, params.id, query.format)
        const name = `${params.id}.${text.extension}`
        return new Response(text.content, {
          headers: {
            'content-type': `${text.mimeType}; charset=utf-8`,
            'content-disposition': `attachment; filename="${name}"`,
          },
        })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/documents/{id}/cancel',
      guard: 'documents:write',
      summary: 'Stop reading a document',
      tag: 'Documents',
      params: idParams,
      response: documentAnswer,
      handler: async (incoming) => {
        const also = told(incoming, 'document.cancel')
        return documentBody(await documents.cancel(incoming.scope, incoming.params.id, also))
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/documents/{id}',
      guard: 'documents:write',
      summary: 'Erase a document: its key is destroyed',
      tag: 'Documents',
      params: idParams,
      handler: async (incoming) => {
        const { scope, params } = incoming
        await documents.remove(scope, params.id, told(incoming, 'document.erase'))
        return null
      },
    }),
  ]
}

/** Says what is there, then every change, until the document has ended. */
async function* watch(
  documents: Documents,
  scope: Scope,
  first: DocumentView,
  signal: AbortSignal,
): AsyncGenerator<SseEvent, void, undefined> {
  const told = new Set<number>()
  let before = ''
  const until = Date.now() + watchSecondsMax * 1000
  for (let now = first; ; now = await documents.get(scope, first.run.id)) {
    for (const page of now.pages) {
      if (told.has(page.index)) continue
      told.add(page.index)
      yield pageEvent(page)
    }
    const body = JSON.stringify(documentBody(now))
    if (body !== before) yield { event: 'document', data: body }
    before = body
    const over = now.run.status !== 'queued' && now.run.status !== 'running'
    if (over || signal.aborted || Date.now() > until) return
    await new Promise((resume) => setTimeout(resume, pollMs))
  }
}
