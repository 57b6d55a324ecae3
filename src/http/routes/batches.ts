/** Batches in both dialects over the same durable runs. */
import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import type { Booking } from '../../assurance/booking.ts'
import { AppError } from '../../errors.ts'
import type { Files } from '../../store/files.ts'
import type { Run, Runs } from '../../store/runs.ts'
import { mistralBatch, openaiBatch } from '../batch/body.ts'
import { batchEndpoints, linesMax, splitLines } from '../batch/lines.ts'
import { type BatchInput, batchKind } from '../batch/run.ts'
import { changeEvent } from '../change.ts'
import { type Route, route } from '../route.ts'
import { idParams, pageQuery } from '../shapes.ts'

export interface BatchRouteParts {
  runs: Runs
  files: Files
  booking: Booking
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

  async function start(
    scope: Scope,
    requestId: string,
    input: Omit<BatchInput, 'expiresAt'>,
    hours: number,
  ) {
    const total = await countLines(parts, scope, input.inputFiles)
    const expiresAt = new Date(Date.now() + hours * hourMs).toISOString()
    const wanted = { kind: batchKind, input: { ...input, expiresAt }, total }
    return runs.create(scope, wanted, (transaction, run) => {
      const details = { endpoint: input.endpoint, lines: total }
      const subject = { kind: 'run', id: run.id }
      const event = changeEvent(scope, requestId, 'batch.create', subject, details)
      return parts.booking.append(transaction, event)
    })
  }

  const itemsOf = (run: Run) => runs.items(run.id)
  const cancel = (scope: Scope, id: string) => runs.cancel(scope, batchKind, id)

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
      handler: async ({ scope, body, requestId }) => {
        const input = {
          endpoint: body.endpoint,
          inputFiles: [body.input_file_id],
          model: null,
          metadata: body.metadata ?? null,
          dialect: 'openai' as const,
        }
        return openaiBatch(await start(scope, requestId, input, 24), [])
      },
    }),
    route({
      method: 'GET',
      path: '/v1/batches',
      guard: 'inference:use',
      summary: 'List batches (OpenAI)',
      tag: 'Batches',
      openai: true,
      query: pageQuery,
      handler: async ({ scope, query }) => {
        const found = await runs.list(scope, { kind: batchKind, ...query, limit: query.limit + 1 })
        const page = found.slice(0, query.limit)
        const data = await Promise.all(
          page.map(async (run) => openaiBatch(run, await itemsOf(run))),
        )
        return {
          object: 'list',
          data,
          first_id: data[0]?.id ?? null,
          last_id: data.at(-1)?.id ?? null,
          has_more: found.length > page.length,
        }
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
        const run = await runs.get(scope, batchKind, params.id)
        return openaiBatch(run, await itemsOf(run))
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
      handler: async ({ scope, params }) => {
        const run = await cancel(scope, params.id)
        return openaiBatch(run, await itemsOf(run))
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
      handler: async ({ scope, body, requestId }) => {
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
        return mistralBatch(await start(scope, requestId, input, body.timeout_hours), [])
      },
    }),
    route({
      method: 'GET',
      path: '/v1/batch/jobs',
      guard: 'inference:use',
      summary: 'List batches (Mistral)',
      tag: 'Batches',
      query: z.looseObject({
        page: z.coerce.number().int().min(0).default(0),
        page_size: z.coerce.number().int().min(1).max(100).default(100),
      }),
      handler: async ({ scope, query }) => {
        const limit = (query.page + 1) * query.page_size
        const found = await runs.list(scope, { kind: batchKind, limit: Math.min(limit, 10_000) })
        const page = found.slice(query.page * query.page_size)
        const data = await Promise.all(
          page.map(async (run) => mistralBatch(run, await itemsOf(run))),
        )
        return { object: 'list', data, total: found.length }
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
        return mistralBatch(run, await itemsOf(run), query.inline)
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
      handler: async ({ scope, params }) => {
        const run = await cancel(scope, params.id)
        return mistralBatch(run, await itemsOf(run))
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/batch/jobs/{id}',
      guard: 'inference:use',
      summary: 'Delete an ended batch (Mistral)',
      tag: 'Batches',
      params: idParams,
      handler: async ({ scope, params, requestId }) => {
        const run = await runs.remove(scope, batchKind, params.id)
        const subject = { kind: 'run', id: run.id }
        await parts.booking.book(changeEvent(scope, requestId, 'batch.delete', subject))
        return { id: run.id, object: 'batch', deleted: true }
      },
    }),
  ]
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
    purpose: 'batch',
    mimeType: 'application/x-ndjson',
    content: content(),
  })
}
