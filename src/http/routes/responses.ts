/** OpenAI's Responses API, over the same door as chat. */

import type { Door } from '../../inference/door.ts'
import type { Responses } from '../../store/responses.ts'
import type { RecordChange } from '../change.ts'
import { answerResponse, type StoredResponse, streamResponse } from '../dialect/responses-answer.ts'
import { responsesRequestSchema } from '../dialect/responses-request.ts'
import { byId, listBody, pageOf, pageQuery } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { idParams } from '../shapes.ts'
import { contextOf, startStream } from './inference.ts'

export interface ResponsesRouteParts {
  door: Door
  responses: Responses<StoredResponse>
  record: RecordChange
}

export function responsesRoutes({ door, responses, record }: ResponsesRouteParts): Route[] {
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
        const work = { door, scope, context: contextOf(incoming), signal }
        if (body.stream) return startStream(await streamResponse(work, responses, body))
        return answerResponse(work, responses, body)
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
      query: pageQuery('desc'),
      handler: async ({ scope, params, query }) => {
        const { input } = await responses.get(scope, params.id)
        return listBody(pageOf(input, byId, query, 'asc'), asListed, byId)
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

/** As clients read it: a text is a message of one part. */
function asListed(item: StoredResponse['input'][number]) {
  if (!('role' in item) || typeof item.content !== 'string') return item
  const type = item.role === 'assistant' ? 'output_text' : 'input_text'
  return { ...item, type: 'message', content: [{ type, text: item.content }] }
}
