/**
 * Runs a batch: every line through the one door, a few at a time, at batch priority. A line's result
 * is written in the same transaction as its ledger entry, so a killed batch goes on where it was and
 * no line is answered or booked twice.
 */
import type { Scope } from '../../access/scope.ts'
import type { Egress } from '../../egress.ts'
import { derivedId } from '../../ids.ts'
import type { Door } from '../../inference/door.ts'
import type { Log } from '../../log.ts'
import { databaseError } from '../../store/database.ts'
import type { Files } from '../../store/files.ts'
import type { Responses } from '../../store/responses.ts'
import { RunOver } from '../../store/run-worker.ts'
import type { Run, Runs } from '../../store/runs.ts'
import {
  answerChat,
  answerEmbeddings,
  answerFim,
  identityOf,
  type Work,
} from '../dialect/answers.ts'
import { chatRequestSchema } from '../dialect/chat-request.ts'
import {
  completeText,
  completionRequestSchema,
  completionRequests,
} from '../dialect/completions.ts'
import { readDocumentSource } from '../dialect/document-source.ts'
import { embeddingRequestSchema } from '../dialect/embeddings.ts'
import { fimRequestSchema } from '../dialect/fim.ts'
import { answerOcr, defaultReader, ocrRequestSchema } from '../dialect/ocr.ts'
import { answerResponse, type StoredResponse } from '../dialect/responses-answer.ts'
import { responsesRequestSchema } from '../dialect/responses-request.ts'
import { errorBody, parseShape } from '../errors.ts'
import { lineBody } from './body.ts'
import { type BatchEndpoint, type BatchLine, parseLine, splitLines } from './lines.ts'

export const batchKind = 'batch'

export interface BatchInput {
  endpoint: BatchEndpoint
  /** Files with the lines, one after the other. */
  inputFiles: string[]
  /** The model for lines that name none. */
  model: string | null
  metadata: Record<string, unknown> | null
  dialect: 'openai' | 'mistral'
  expiresAt: string
}

export interface BatchResult {
  outputFile: string | null
  errorFile: string | null
  succeeded: number
  failed: number
}

/** What a finished line stores. */
export interface LineResult {
  customId: string | null
  body?: unknown
  error?: { status: number; body: ReturnType<typeof errorBody> }
}

export interface BatchParts {
  door: Door
  runs: Runs
  files: Files
  responses: Responses<StoredResponse>
  egress: Egress
  log: Log
  lineLimitBytes: number
  documentLimitBytes: number
}

const linesAtOnce = 8
/** With a second more between them each time: an engine that was killed needs some to be back. */
const attemptsPerLine = 5

/** Does what is left of a batch and gathers the result files. */
export async function performBatch(
  parts: BatchParts,
  run: Run,
  scope: Scope,
  signal: AbortSignal,
): Promise<BatchResult> {
  const input = run.input as BatchInput
  const done = new Set((await parts.runs.items(run.id)).map((item) => item.item))
  const total = run.progress_total
  const inFlight = new Set<Promise<void>>()
  let failure: unknown = null
  try {
    for await (const line of linesOf(parts, input, scope)) {
      if (done.has(line.index)) continue
      signal.throwIfAborted()
      if (Date.now() > Date.parse(input.expiresAt)) throw expired()
      const work = runLine(parts, run, scope, input, line, signal)
        .then(async () => {
          done.add(line.index)
          await parts.runs.progress(run.id, done.size, total)
        })
        .catch((error) => {
          failure ??= error
        })
        .finally(() => inFlight.delete(work))
      inFlight.add(work)
      if (inFlight.size >= linesAtOnce) await Promise.race(inFlight)
      if (failure) break
    }
  } finally {
    // Whatever ends the batch, no line is stored after its lines have been gathered.
    await Promise.all(inFlight)
  }
  if (failure) throw failure
  return gatherBatch(parts, run, scope)
}

function expired(): RunOver {
  return new RunOver('timeout', 'The batch did not finish in its time. Its finished lines stand.')
}

async function* linesOf(
  parts: BatchParts,
  input: BatchInput,
  scope: Scope,
): AsyncGenerator<BatchLine> {
  let index = 0
  for (const file of input.inputFiles) {
    const source = await parts.files.stream(scope, file)
    for await (const text of splitLines(source, parts.lineLimitBytes)) {
      yield parseLine(text, index++, input.endpoint)
    }
  }
}

/** One line to its stored result. Failures that may pass are tried again, then stored as failed. */
async function runLine(
  parts: BatchParts,
  run: Run,
  scope: Scope,
  input: BatchInput,
  line: BatchLine,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (line.error) throw line.error
      const body = { ...(input.model && { model: input.model }), ...line.body, stream: false }
      await answerLine(parts, run, scope, input.endpoint, { ...line, body }, signal)
      return
    } catch (error) {
      if (signal.aborted) throw error
      const known = databaseError(error)
      // Without the database nothing can be stored: the run as a whole is tried again later.
      if (known.code === 'unavailable' || known.code === 'storage_full') throw known
      if (known.mayRetry && attempt < attemptsPerLine) {
        await pause((known.retryAfterSeconds ?? attempt) * 1000, signal)
        continue
      }
      if (known.code === 'internal') {
        parts.log.error({ err: known, runId: run.id, line: line.index }, 'batch line failed')
      }
      const failed: LineResult = {
        customId: line.customId,
        error: { status: known.status, body: errorBody(known, run.id) },
      }
      await parts.runs.putItem(run.id, { index: line.index, status: 'failed', result: failed })
      return
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}

async function answerLine(
  parts: BatchParts,
  run: Run,
  scope: Scope,
  endpoint: BatchEndpoint,
  line: BatchLine,
  signal: AbortSignal,
): Promise<void> {
  const { door } = parts
  const workFor = (model: string): Work => ({
    door: bookedAsLine(door, line),
    scope,
    signal,
    context: {
      model,
      requestId: run.id,
      run: run.id,
      priority: 'batch',
      item: { index: line.index, callId: derivedId('call', run.id, line.index) },
    },
  })
  if (endpoint === '/v1/chat/completions') {
    const body = parseShape(chatRequestSchema, line.body, 'body')
    await answerChat(workFor(body.model), body)
  } else if (endpoint === '/v1/responses') {
    const body = parseShape(responsesRequestSchema, line.body, 'body')
    await answerResponse(workFor(body.model), parts.responses, body)
  } else if (endpoint === '/v1/embeddings') {
    const body = parseShape(embeddingRequestSchema, line.body, 'body')
    await answerEmbeddings(workFor(body.model), body)
  } else if (endpoint === '/v1/fim/completions') {
    const body = parseShape(fimRequestSchema, line.body, 'body')
    await answerFim(workFor(body.model), body)
  } else if (endpoint === '/v1/completions') {
    const body = parseShape(completionRequestSchema, line.body, 'body')
    const identity = identityOf('cmpl', body.model)
    await completeText(workFor(body.model), completionRequests(body), identity)
  } else {
    const body = parseShape(ocrRequestSchema, line.body, 'body')
    const limitBytes = parts.documentLimitBytes
    const { files, egress } = parts
    const sourceParts = { scope, files, egress, limitBytes, signal }
    const source = await readDocumentSource(body.document, sourceParts)
    await answerOcr(workFor(body.model ?? defaultReader), body, source)
  }
}

/** The same door, with the stored result wrapped together with the line's custom id. */
function bookedAsLine(door: Door, line: BatchLine): Door {
  return {
    ...door,
    run(scope, call, signal) {
      const { item } = call
      if (!item) return door.run(scope, call, signal)
      const result = (): LineResult => ({ customId: line.customId, body: item.result() })
      return door.run(scope, { ...call, item: { ...item, result } }, signal)
    },
  }
}

/** Writes the answers and the errors as files, in the order of the lines. */
export async function gatherBatch(parts: BatchParts, run: Run, scope: Scope): Promise<BatchResult> {
  const items = await parts.runs.items(run.id)
  const write = async (status: 'done' | 'failed', name: string) => {
    const chosen = items.filter((item) => item.status === status)
    if (chosen.length === 0) return null
    async function* content() {
      for (const item of chosen) {
        const text = JSON.stringify(lineBody(run.id, item.item, item.result as LineResult))
        yield Buffer.from(`${text}\n`)
      }
    }
    const file = await parts.files.create(scope, {
      // A batch killed after this and before its end writes the same file again.
      id: derivedId('file', run.id, name),
      name,
      purpose: async () => 'batch_output',
      mimeType: 'application/x-ndjson',
      content: content(),
    })
    return file.id
  }
  const succeeded = items.filter((item) => item.status === 'done').length
  return {
    outputFile: await write('done', `${run.id}-output.jsonl`),
    errorFile: await write('failed', `${run.id}-errors.jsonl`),
    succeeded,
    failed: items.length - succeeded,
  }
}
