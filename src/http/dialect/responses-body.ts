/** Answers of the Responses API, whole or as the stream of events that its clients put together. */
import type { EngineUsage, FinishReason, TokenLogprob, ToolCall } from '../../engines/contract.ts'
import { assert } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Receipt } from '../../inference/door.ts'
import { databaseError } from '../../store/database.ts'
import type { SseEvent } from '../sse.ts'
import type { AnswerIdentity } from './chat-response.ts'
import type { Choice, ChoiceEvent } from './generation.ts'
import type { ResponsesRequestBody } from './responses-request.ts'
import { receiptBody, usageBody } from './usage.ts'

export type OutputItem = ReturnType<typeof messageItem> | ReturnType<typeof callItem>
type Status = 'in_progress' | 'completed' | 'incomplete' | 'failed'

function logprobBody({ token, logprob, bytes, alternatives }: TokenLogprob) {
  return { token, logprob, bytes, top_logprobs: alternatives }
}

function textPart(text: string, logprobs: readonly TokenLogprob[]) {
  return { type: 'output_text', text, annotations: [], logprobs: logprobs.map(logprobBody) }
}

function messageItem(id: string, status: Status, parts: ReturnType<typeof textPart>[]) {
  return { id, type: 'message' as const, status, role: 'assistant' as const, content: parts }
}

function callItem(id: string, status: Status, call: ToolCall) {
  const { name, arguments: given } = call
  return { id, type: 'function_call' as const, status, call_id: call.id, name, arguments: given }
}

function outputOf(choice: Choice, status: Status): OutputItem[] {
  const said = choice.text !== '' || choice.toolCalls.length === 0
  return [
    ...(said ? [messageItem(newId('msg'), status, [textPart(choice.text, choice.logprobs)])] : []),
    ...choice.toolCalls.map((call) => callItem(newId('fc'), 'completed', call)),
  ]
}

/** A model that was cut off has not completed its answer. */
const statusOf = (finish: FinishReason): Status =>
  finish === 'length' || finish === 'content_filter' ? 'incomplete' : 'completed'

function incompleteDetails(finish: FinishReason | null) {
  if (finish === 'length') return { reason: 'max_output_tokens' }
  return finish === 'content_filter' ? { reason: 'content_filter' } : null
}

interface Ending {
  status: Status
  finish: FinishReason | null
  output: OutputItem[]
  /** What the engine counted, where no receipt says it yet. */
  usage?: EngineUsage | null
  receipt: Receipt | null
  error?: { code: string; message: string }
}

function bodyOf(identity: AnswerIdentity, body: ResponsesRequestBody, ending: Ending) {
  const { receipt, finish, status, output, error } = ending
  const usage = receipt?.usage ?? ending.usage
  return {
    id: identity.id,
    object: 'response',
    created_at: identity.created,
    status,
    error: error ?? null,
    incomplete_details: incompleteDetails(finish),
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model: identity.model,
    output,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    store: body.store ?? true,
    temperature: body.temperature ?? null,
    text: { format: body.text?.format ?? { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? null,
    truncation: 'disabled',
    metadata: body.metadata ?? {},
    usage: usage ? usageOf(usage) : null,
    ...(receipt && { bastide: receiptBody([receipt]) }),
  }
}
export type ResponseBody = ReturnType<typeof bodyOf>

function usageOf(counted: EngineUsage) {
  const usage = usageBody([counted])
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: usage.prompt_tokens_details,
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.total_tokens,
  }
}

/** The whole answer; without a receipt where its call is not booked yet. */
export function responseBody(
  identity: AnswerIdentity,
  body: ResponsesRequestBody,
  choice: Choice,
): ResponseBody {
  const status = statusOf(choice.finishReason)
  const output = outputOf(choice, status)
  return bodyOf(identity, body, {
    status,
    finish: choice.finishReason,
    output,
    usage: choice.usage,
    receipt: choice.receipt,
  })
}

/** The same answer, its call booked. */
export function withReceipt(response: ResponseBody, receipt: Receipt): ResponseBody {
  return { ...response, usage: usageOf(receipt.usage), bastide: receiptBody([receipt]) }
}

/**
 * Events, the last one only when the call is booked and `keep` has stored the answer. Before the first
 * event of the engine nothing is sent, so that a refusal still has its status code.
 */
export async function* responseEvents(
  identity: AnswerIdentity,
  body: ResponsesRequestBody,
  events: AsyncIterable<ChoiceEvent>,
  keep: (response: ResponseBody) => Promise<void>,
): AsyncGenerator<SseEvent, void, undefined> {
  let number = 0
  const event = (type: string, fields: object): SseEvent => ({
    event: type,
    data: JSON.stringify({ type, sequence_number: number++, ...fields }),
  })
  const output: OutputItem[] = []
  const message = { id: newId('msg'), text: '', logprobs: [] as TokenLogprob[], open: false }
  let begun = false
  let finish: FinishReason = 'stop'

  function* begin() {
    begun = true
    const response = bodyOf(identity, body, {
      status: 'in_progress',
      finish: null,
      output: [],
      receipt: null,
    })
    yield event('response.created', { response })
    yield event('response.in_progress', { response })
  }
  const place = () => ({ output_index: output.length })
  const inMessage = () => ({ item_id: message.id, ...place(), content_index: 0 })

  function* openMessage() {
    message.open = true
    const item = messageItem(message.id, 'in_progress', [])
    yield event('response.output_item.added', { ...place(), item })
    yield event('response.content_part.added', { ...inMessage(), part: textPart('', []) })
  }

  function* closeMessage(status: Status) {
    message.open = false
    const part = textPart(message.text, message.logprobs)
    const { text, logprobs } = part
    yield event('response.output_text.done', { ...inMessage(), text, logprobs })
    yield event('response.content_part.done', { ...inMessage(), part })
    const item = messageItem(message.id, status, [part])
    yield event('response.output_item.done', { ...place(), item })
    output.push(item)
  }

  function* toolCall(call: ToolCall) {
    const id = newId('fc')
    const item = callItem(id, 'completed', call)
    const begunItem = { ...item, status: 'in_progress', arguments: '' }
    yield event('response.output_item.added', { ...place(), item: begunItem })
    const at = { item_id: id, ...place() }
    const { name, arguments: given } = call
    yield event('response.function_call_arguments.delta', { ...at, delta: given })
    yield event('response.function_call_arguments.done', { ...at, name, arguments: given })
    yield event('response.output_item.done', { ...place(), item })
    output.push(item)
  }

  try {
    let receipt: Receipt | null = null
    for await (const { event: made } of events) {
      if (made.type === 'text-delta') {
        if (!begun) yield* begin()
        if (!message.open) yield* openMessage()
        message.text += made.text
        message.logprobs.push(...(made.logprobs ?? []))
        const logprobs = (made.logprobs ?? []).map(logprobBody)
        yield event('response.output_text.delta', { ...inMessage(), delta: made.text, logprobs })
      } else if (made.type === 'tool-call') {
        if (!begun) yield* begin()
        if (message.open) yield* closeMessage('completed')
        yield* toolCall(made.call)
      } else if (made.type === 'end') finish = made.finishReason
      else if (made.type === 'booked') receipt = made.receipt
    }
    assert(receipt, 'a call that ended without an error was booked')
    if (!begun) yield* begin()
    const status = statusOf(finish)
    if (!message.open && output.length === 0) yield* openMessage()
    if (message.open) yield* closeMessage(status)
    const response = bodyOf(identity, body, { status, finish, output, receipt })
    await keep(response)
    yield event(`response.${status}`, { response })
  } catch (error) {
    const { code, message: words } = databaseError(error)
    if (!begun) throw error
    const failure = { code: code === 'rate_limited' ? 'rate_limit_exceeded' : code, message: words }
    const ending = { status: 'failed' as const, finish: null, output, receipt: null }
    const response = bodyOf(identity, body, { ...ending, error: failure })
    yield event('response.failed', { response })
  }
}
