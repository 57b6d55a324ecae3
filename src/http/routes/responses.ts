/** OpenAI's Responses API, over the same door as chat. */
import type { Scope } from '../../access/scope.ts'
import { AppError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Door } from '../../inference/door.ts'
import type { Responses } from '../../store/responses.ts'
import type { RecordChange } from '../change.ts'
import { identityOf } from '../dialect/answers.ts'
import { toGenerateRequest } from '../dialect/chat-request.ts'
import { generateAll, generateMerged } from '../dialect/generation.ts'
import {
  type OutputItem,
  type ResponseBody,
  responseBody,
  responseEvents,
} from '../dialect/responses-body.ts'
import {
  type InputItem,
  inputItems,
  requireServed,
  responsesRequestSchema,
  toChatBody,
} from '../dialect/responses-request.ts'
import { type Route, route } from '../route.ts'
import { idParams, pageQuery } from '../shapes.ts'
import { contextOf, startStream } from './inference.ts'

/** What is kept of an answer: what it answered, all that was said before included, and itself. */
export interface StoredResponse {
  input: (InputItem & { id: string })[]
  response: ResponseBody
}

export interface ResponsesRouteParts {
  door: Door
  responses: Responses<StoredResponse>
  record: RecordChange
}

/** A conversation that is gone on from again and again must end somewhere. */
const itemsMax = 10_000

export function responsesRoutes({ door, responses, record }: ResponsesRouteParts): Route[] {
  async function earlierItems(scope: Scope, id: string | null | undefined): Promise<InputItem[]> {
    if (!id) return []
    const { input, response } = await responses.get(scope, id)
    return [...input, ...response.output.map(asInput)]
  }

  return [
    route({
      method: 'POST',
      path: '/v1/responses',
      guard: 'inference:use',
      summary: 'Answer an input, and keep the answer to go on from',
      tag: 'Responses',
      openai: true,
      body: responsesRequestSchema,
      answers: ['text/event-stream'],
      handler: async (incoming) => {
        const { body, scope, signal } = incoming
        requireServed(body)
        const earlier = await earlierItems(scope, body.previous_response_id)
        const request = toGenerateRequest(toChatBody(body, earlier))
        const input = [...earlier, ...inputItems(body)]
        if (input.length > itemsMax) {
          throw new AppError('too_large', `A conversation has at most ${itemsMax} items.`)
        }
        const identity = identityOf('resp', body.model)
        const keep = async (response: ResponseBody) => {
          if (body.store === false) return
          const named = input.map((one) => ({ ...one, id: String(one.id ?? newId('item')) }))
          await responses.put(scope, identity.id, { input: named, response })
        }
        const generation = { door, scope, context: contextOf(incoming), request, count: 1, signal }
        if (body.stream) {
          const events = generateMerged(generation)
          return startStream(responseEvents(identity, body, events, keep))
        }
        const [choice] = await generateAll(
          { ...generation, request: { ...request, stream: false } },
          () => null,
        )
        const response = responseBody(identity, body, choice!)
        await keep(response)
        return response
      },
    }),
    route({
      method: 'GET',
      path: '/v1/responses/{id}',
      guard: 'inference:use',
      summary: 'A kept answer',
      tag: 'Responses',
      openai: true,
      params: idParams,
      handler: async ({ scope, params }) => (await responses.get(scope, params.id)).response,
    }),
    route({
      method: 'GET',
      path: '/v1/responses/{id}/input_items',
      guard: 'inference:use',
      summary: 'What a kept answer answered, newest first',
      tag: 'Responses',
      openai: true,
      params: idParams,
      query: pageQuery,
      handler: async ({ scope, params, query }) => {
        const { input } = await responses.get(scope, params.id)
        const items = query.order === 'asc' ? input : input.toReversed()
        const start = query.after ? items.findIndex(({ id }) => id === query.after) + 1 : 0
        const data = items.slice(start, start + query.limit).map(asListed)
        return {
          object: 'list',
          data,
          first_id: data[0]?.id ?? null,
          last_id: data.at(-1)?.id ?? null,
          has_more: start + data.length < items.length,
        }
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/responses/{id}',
      guard: 'inference:use',
      summary: 'Remove a kept answer',
      tag: 'Responses',
      openai: true,
      params: idParams,
      handler: async (incoming) => {
        const { id } = incoming.params
        await responses.remove(incoming.scope, id, (transaction) =>
          record(transaction, incoming, 'response.remove', { subject: { kind: 'response', id } }),
        )
        return { id, object: 'response', deleted: true }
      },
    }),
  ]
}

/** An answer's item, as the input of what follows it. */
function asInput(item: OutputItem): InputItem {
  return item as unknown as InputItem
}

/** As clients read it: a text is a message of one part. */
function asListed(item: StoredResponse['input'][number]) {
  if (!('role' in item) || typeof item.content !== 'string') return item
  const type = item.role === 'assistant' ? 'output_text' : 'input_text'
  return { ...item, type: 'message', content: [{ type, text: item.content }] }
}
