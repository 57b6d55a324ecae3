/** Answers of the Responses API, kept to go on from; the HTTP route and batch lines share them. */
import type { Scope } from '../../access/scope.ts'
import { AppError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Responses } from '../../store/responses.ts'
import type { SseEvent } from '../sse.ts'
import { identityOf, type Work } from './answers.ts'
import { toGenerateRequest } from './chat-request.ts'
import { generateAll, generateMerged } from './generation.ts'
import {
  type OutputItem,
  type ResponseBody,
  responseBody,
  responseEvents,
  withReceipt,
} from './responses-body.ts'
import {
  type InputItem,
  inputItems,
  type ResponsesRequestBody,
  requireServed,
  toChatBody,
} from './responses-request.ts'

/** What is kept of an answer: what it answered, all that was said before included, and itself. */
export interface StoredResponse {
  input: (InputItem & { id: string })[]
  response: ResponseBody
}

type Kept = Responses<StoredResponse>

/** A conversation that is gone on from again and again must end somewhere. */
const itemsMax = 10_000

async function earlierItems(
  responses: Kept,
  scope: Scope,
  id: string | null | undefined,
): Promise<InputItem[]> {
  if (!id) return []
  const { input, response } = await responses.get(scope, id)
  return [...input, ...response.output.map(asInput)]
}

/** An answer's item, as the input of what follows it. */
function asInput(item: OutputItem): InputItem {
  return item as unknown as InputItem
}

async function prepare(work: Work, responses: Kept, body: ResponsesRequestBody) {
  requireServed(body)
  const earlier = await earlierItems(responses, work.scope, body.previous_response_id)
  const request = toGenerateRequest(toChatBody(body, earlier))
  const input = [...earlier, ...inputItems(body)]
  if (input.length > itemsMax) {
    throw new AppError('too_large', `A conversation has at most ${itemsMax} items.`)
  }
  const identity = identityOf('resp', body.model)
  const keep = async (response: ResponseBody) => {
    if (body.store === false) return
    const named = input.map((one) => ({ ...one, id: String(one.id ?? newId('item')) }))
    await responses.put(work.scope, identity.id, { input: named, response })
  }
  return { identity, keep, generation: { ...work, request, count: 1 } }
}

/** The whole answer, when it is booked and kept. */
export async function answerResponse(
  work: Work,
  responses: Kept,
  body: ResponsesRequestBody,
): Promise<ResponseBody> {
  const { identity, keep, generation } = await prepare(work, responses, body)
  // The ids of its items are chosen once: what is stored for a line of a batch is what is kept.
  let ofLine: ResponseBody | null = null
  const [choice] = await generateAll(generation, ([first]) => {
    ofLine = responseBody(identity, body, first!)
    return ofLine
  })
  const response = withReceipt(ofLine ?? responseBody(identity, body, choice!), choice!.receipt)
  await keep(response)
  return response
}

/** The answer as events; it is kept when its last one is sent. */
export async function streamResponse(
  work: Work,
  responses: Kept,
  body: ResponsesRequestBody,
): Promise<AsyncGenerator<SseEvent, void, undefined>> {
  const { identity, keep, generation } = await prepare(work, responses, body)
  return responseEvents(identity, body, generateMerged(generation), keep)
}
