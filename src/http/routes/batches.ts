/** Batches in both dialects over the same durable runs. */

import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import { AppError } from '../../errors.ts'
import type { Also } from '../../store/database.ts'
import type { Files } from '../../store/files.ts'
import type { Run, Runs } from '../../store/runs.ts'
import { mistralBatch, mistralStatus, openaiBatch } from '../batch/body.ts'
import { batchEndpoints, linesMax, splitLines } from '../batch/lines.ts'
import { type BatchInput, batchKind } from '../batch/run.ts'
import type { Asking, RecordChange } from '../change.ts'
import { byId, ids, listBody, pageQuery, wishOf } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { idParams } from '../shapes.ts'

export interface BatchRouteParts {
  runs: Runs
  files: Files
  record: RecordChange
  lineLimitBytes: number
}

const endpoint = z.enum(batchEndpoints)
const metadata = z.record(z.string(), z.unknown()).nullish()
const batchAnswer = z.looseObject({
  id: z.string(),
  object: z.literal('batch'),
  status: z.string(),
})
const hourMs = 3_600_000

export function batchRoutes(parts: BatchRouteParts): Route[] {
  const { runs, files } = parts

  const told =
    (asking: Asking, kind: string): Also<Run> =>
    (transaction, run) => {
      const details = { endpoint: (run.input as BatchInput).endpoint, lines: run.progress_total }
      return parts.record(transaction, asking, kind, {
        subject: { kind: 'run', id: run.id },
        details,
      })
    }

  async function start(asking: Asking, input: Omit<BatchInput, 'expiresAt'>, hours: number) {
    const total = await countLines(parts, asking.scope, input.inputFiles)
    const expiresAt = new Date(Date.now() + hours * hourMs).toISOString()
    const wanted = { kind: batchKind, input: { ...input, expiresAt }, total }
    return runs.create(asking.scope, wanted, told(asking, 'batch.create'))
  }

  const openaiBody = async (run: Run) => openaiBatch(run, await runs.counts(run.id))
  const mistralBody = async (run: Run) => mistralBatch(run, await runs.counts(run.id), null)
  const cancel = (asking: Asking, id: string) =>
    runs.cancel(asking.scope, batchKind, id, told(asking, 'batch.cancel'))

  return [
    route({
      method: 'POST',
      path: '/v1/batches',
      guard: 'inference:use',
      summary: 'Start a batch from a file (OpenAI)',
      tag: 'Batches',
      openai: true,
      body: z.looseObject({
        input_file_id: z.string(),
        endpoint,
        completion_window: z.string().nullish(),
        metadata,
      }),
      response: batchAnswer,
      handler: async (incoming) => {
        const { body } = incoming
        const input = {
          endpoint: body.endpoint,
          inputFiles: [body.input_file_id],
          model: null,
          metadata: body.metadata ?? null,
          dialect: 'openai' as const,
        }
        return openaiBody(await start(incoming, input, 24))
      },
    }),
    route({
      method: 'GET',
      path: '/v1/batches',
      guard: 'inference:use',
      summary: 'List batches (OpenAI)',
      tag: 'Batches',
      openai: true,
      query: pageQuery('desc'),
      handler: async ({ scope, query }) => {
        const page = await runs.list(scope, { kind: batchKind, ...wishOf(query, ids('run')) })
        const bodies = await Promise.all(page.rows.map(openaiBody))
        return listBody({ ...page, rows: bodies }, (body) => body, byId)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/batches/{id}',
      guard: 'inference:use',
      summary: 'A batch (OpenAI)',
      tag: 'Batches',
      openai: true,
      params: idParams,
      response: batchAnswer,
      handler: async ({ scope, params }) => {
        return openaiBody(await runs.get(scope, batchKind, params.id))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/batches/{id}/cancel',
      guard: 'inference:use',
      summary: 'Stop a batch (OpenAI)',
      tag: 'Batches',
      openai: true,
      params: idParams,
      response: batchAnswer,
      handler: async (incoming) => {
        return openaiBody(await cancel(incoming, incoming.params.id))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/batch/jobs',
      guard: 'inference:use',
      summary: 'Start a batch from files or inline requests (Mistral)',
      tag: 'Batches',
      body: z.looseObject({
        input_files: z.array(z.string()).max(100).nullish(),
        requests: z
          .array(
            z.looseObject({
              custom_id: z.string().nullish(),
              body: z.record(z.string(), z.unknown()),
            }),
          )
          .max(10_000)
          .nullish(),
        endpoint,
        model: z.string().nullish(),
        metadata,
        timeout_hours: z.number().int().min(1).max(168).default(24),
      }),
      response: batchAnswer,
      handler: async (incoming) => {
        const { scope, body } = incoming
        const inputFiles = body.requests?.length
          ? [(await storeInline(files, scope, body.requests)).id]
          : (body.input_files ?? [])
        if (inputFiles.length === 0) {
          throw new AppError('invalid_request', 'Name input_files, or send requests inline.', {
            param: 'input_files',
          })
        }
        const input = {
          endpoint: body.endpoint,
          inputFiles,
          model: body.model ?? null,
          metadata: body.metadata ?? null,
          dialect: 'mistral' as const,
        }
        return mistralBody(await start(incoming, input, body.timeout_hours))
      },
    }),
    route({
      method: 'GET',
      path: '/v1/batch/jobs',
      guard: 'inference:use',
      summary: 'List batches (Mistral)',
      tag: 'Batches',
      query: z.looseObject({
        page: z.coerce.number().int().min(0).max(1_000_000).default(0),
        page_size: z.coerce.number().int().min(1).max(100).default(100),
        order_by: z.enum(['created', '-created']).default('-created'),
        status: z.union([z.string(), z.array(z.string())]).optional(),
      }),
      handler: async ({ scope, query }) => {
        const filter = { kind: batchKind, statuses: statusesOf(query.status) }
        const order: 'asc' | 'desc' = query.order_by === 'created' ? 'asc' : 'desc'
        const page = { limit: query.page_size, offset: query.page * query.page_size, order }
        const { rows } = await runs.list(scope, { ...filter, ...page })
        const data = await Promise.all(rows.map(mistralBody))
        return { object: 'list', data, total: await runs.count(scope, filter) }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/batch/jobs/{id}',
      guard: 'inference:use',
      summary: 'A batch (Mistral)',
      tag: 'Batches',
      params: idParams,
      query: z.looseObject({ inline: z.stringbool().optional() }),
      response: batchAnswer,
      handler: async ({ scope, params, query }) => {
        const run = await runs.get(scope, batchKind, params.id)
        if (!query.inline || run.finished_at === null) return mistralBody(run)
        return mistralBatch(run, await runs.counts(run.id), await runs.items(run.id))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/batch/jobs/{id}/cancel',
      guard: 'inference:use',
      summary: 'Stop a batch (Mistral)',
      tag: 'Batches',
      params: idParams,
      response: batchAnswer,
      handler: async (incoming) => {
        return mistralBody(await cancel(incoming, incoming.params.id))
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/batch/jobs/{id}',
      guard: 'inference:use',
      summary: 'Delete an ended batch (Mistral)',
      tag: 'Batches',
      params: idParams,
      handler: async (incoming) => {
        const { scope, params } = incoming
        const run = await runs.remove(scope, batchKind, params.id, told(incoming, 'batch.delete'))
        return { id: run.id, object: 'batch', deleted: true }
      },
    }),
  ]
}

/** Runs in any of the named states; undefined: in every state. */
function statusesOf(asked: string | string[] | undefined): Run['status'][] | undefined {
  if (asked === undefined) return undefined
  const names = [asked].flat()
  const all = Object.entries(mistralStatus) as [Run['status'], string][]
  return all.filter(([, name]) => names.includes(name)).map(([status]) => status)
}

async function countLines(
  parts: BatchRouteParts,
  scope: Scope,
  fileIds: string[],
): Promise<number> {
  let count = 0
  for (const id of fileIds) {
    const source = await parts.files.stream(scope, id)
    for await (const _line of splitLines(source, parts.lineLimitBytes)) {
      count += 1
      if (count > linesMax)
        throw new AppError('too_large', `A batch has at most ${linesMax} lines.`)
    }
  }
  if (count === 0) throw new AppError('invalid_request', 'The batch has no lines.')
  return count
}

function storeInline(files: Files, scope: Scope, requests: object[]) {
  async function* content() {
    for (const request of requests) yield Buffer.from(`${JSON.stringify(request)}\n`)
  }
  return files.create(scope, {
    name: 'inline-requests.jsonl',
    purpose: async () => 'batch',
    mimeType: 'application/x-ndjson',
    content: content(),
  })
}
