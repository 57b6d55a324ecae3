/** Chat, completions, fill-in-the-middle and embeddings, in the dialect of either SDK. */
import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import type { Door } from '../../inference/door.ts'
import { answerChat, answerEmbeddings, answerFim, identityOf } from '../dialect/answers.ts'
import { chatRequestSchema, toGenerateRequest } from '../dialect/chat-request.ts'
import { chatChunks } from '../dialect/chat-response.ts'
import {
  completeText,
  completionChunks,
  completionRequestSchema,
  completionRequests,
} from '../dialect/completions.ts'
import { embeddingRequestSchema } from '../dialect/embeddings.ts'
import { fimRequestSchema, toFillRequest } from '../dialect/fim.ts'
import { type CallContext, generateMerged } from '../dialect/generation.ts'
import { type Incoming, type Route, route } from '../route.ts'
import { type SseEvent, sseResponse } from '../sse.ts'

const answer = z.looseObject({ id: z.string(), object: z.string(), model: z.string() })

type InferenceIncoming = Incoming<unknown, unknown, { model: string }, Scope>

export function contextOf(incoming: InferenceIncoming): CallContext {
  return {
    model: incoming.body.model,
    requestId: incoming.requestId,
    dataClass: incoming.dataClass,
    trace: incoming.trace,
  }
}

/** Waits for the first event, so that a refusal still has its status code. */
export async function startStream(
  events: AsyncGenerator<SseEvent, void, undefined>,
): Promise<Response> {
  const first = await events.next()
  async function* all() {
    try {
      if (!first.done) yield first.value
      yield* events
    } finally {
      await events.return()
    }
  }
  return sseResponse(all())
}

export function inferenceRoutes(door: Door): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/chat/completions',
      guard: 'inference:use',
      clients: true,
      summary: 'Answer a conversation',
      tag: 'Inference',
      body: chatRequestSchema,
      response: answer,
      answers: ['text/event-stream'],
      openai: true,
      handler: (incoming) => {
        const { body, scope, signal } = incoming
        const context = contextOf(incoming)
        if (!body.stream) return answerChat({ door, scope, context, signal }, body)
        const count = body.n ?? 1
        const request = toGenerateRequest(body)
        const events = generateMerged({ door, scope, context, request, count, signal })
        const usageInOwnChunk = body.stream_options?.include_usage === true
        const options = { usageInOwnChunk, count, requestId: incoming.requestId }
        return startStream(chatChunks(identityOf('chatcmpl', body.model), events, options))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/completions',
      guard: 'inference:use',
      clients: true,
      summary: 'Continue a text',
      tag: 'Inference',
      body: completionRequestSchema,
      response: answer,
      answers: ['text/event-stream'],
      openai: true,
      handler: async (incoming) => {
        const { body, scope, signal } = incoming
        const context = contextOf(incoming)
        const requests = completionRequests(body)
        const identity = identityOf('cmpl', body.model)
        if (!body.stream) return completeText({ door, scope, context, signal }, requests, identity)
        const usageInOwnChunk = body.stream_options?.include_usage === true
        const work = { door, scope, context, signal }
        const options = { usageInOwnChunk, requestId: incoming.requestId }
        return startStream(completionChunks(work, requests, identity, options))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/fim/completions',
      guard: 'inference:use',
      clients: true,
      summary: 'Fill in between a prefix and a suffix',
      tag: 'Inference',
      body: fimRequestSchema,
      response: answer,
      answers: ['text/event-stream'],
      handler: (incoming) => {
        const { body, scope, signal } = incoming
        const context = contextOf(incoming)
        if (!body.stream) return answerFim({ door, scope, context, signal }, body)
        const request = toFillRequest(body)
        const events = generateMerged({ door, scope, context, request, count: 1, signal })
        const options = { usageInOwnChunk: false, count: 1, requestId: incoming.requestId }
        return startStream(chatChunks(identityOf('fim', body.model), events, options))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/embeddings',
      guard: 'inference:use',
      clients: true,
      summary: 'Turn texts into vectors',
      tag: 'Inference',
      body: embeddingRequestSchema,
      response: answer,
      openai: true,
      handler: (incoming) => {
        const { body, scope, signal } = incoming
        return answerEmbeddings({ door, scope, context: contextOf(incoming), signal }, body)
      },
    }),
  ]
}
