/** Whole answers to inference requests; the HTTP routes and batch lines share them. */
import type { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import type { EngineUsage } from '../../engines/contract.ts'
import { assert } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Call, Door, Receipt } from '../../inference/door.ts'
import { type ChatRequestBody, toGenerateRequest } from './chat-request.ts'
import { type AnswerIdentity, chatBody } from './chat-response.ts'
import { type EmbeddingRequestBody, embeddingInputs, encodeVector } from './embeddings.ts'
import { type fimRequestSchema, toFillRequest } from './fim.ts'
import { type CallContext, type Choice, generateAll } from './generation.ts'
import { accountBody } from './usage.ts'

export interface Work {
  door: Door
  scope: Scope
  context: CallContext
  signal: AbortSignal
}

export function identityOf(prefix: string, model: string): AnswerIdentity {
  return { id: newId(prefix), model, created: Math.floor(Date.now() / 1000) }
}

export async function answerChat(work: Work, body: ChatRequestBody) {
  const identity = identityOf('chatcmpl', body.model)
  const result = (choices: Choice[]) => chatBody(identity, choices)
  const request = toGenerateRequest(body)
  return chatBody(identity, await generateAll({ ...work, request, count: body.n ?? 1 }, result))
}

export async function answerFim(work: Work, body: z.infer<typeof fimRequestSchema>) {
  const identity = identityOf('fim', body.model)
  const result = (choices: Choice[]) => chatBody(identity, choices)
  const request = toFillRequest(body)
  return chatBody(identity, await generateAll({ ...work, request, count: 1 }, result))
}

export async function answerEmbeddings(work: Work, body: EmbeddingRequestBody) {
  const inputs = embeddingInputs(body)
  const id = newId('embd')
  let vectors: Float32Array[] = []
  let usage: EngineUsage | null = null
  let receipt: Receipt | null = null
  const bodyOf = () => ({
    id,
    object: 'list',
    model: body.model,
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encodeVector(body, vector),
    })),
    ...accountBody([{ usage, receipt }]),
  })
  const { item, ...context } = work.context
  const call: Call = { ...context, request: { task: 'embed', inputs } }
  if (item) call.item = { ...item, result: bodyOf }
  for await (const event of work.door.run(work.scope, call, work.signal)) {
    if (event.type === 'embeddings') vectors = event.vectors
    if (event.type === 'end') usage = event.usage
    if (event.type === 'booked') receipt = event.receipt
  }
  assert(receipt, 'a call that ended without an error was booked')
  return bodyOf()
}
