/** Chat answers in the shape both SDKs read, whole or as a stream of chunks. */
import type { TokenLogprob, ToolCall } from '../../engines/contract.ts'
import { AppError, assert } from '../../errors.ts'
import type { Receipt } from '../../inference/door.ts'
import { databaseError } from '../../store/database.ts'
import { errorBody } from '../errors.ts'
import type { SseEvent } from '../sse.ts'
import type { Choice, ChoiceEvent } from './generation.ts'
import { accountBody, receiptBody, usageBody } from './usage.ts'

export interface AnswerIdentity {
  id: string
  model: string
  /** Seconds since the epoch. */
  created: number
}

export function chatBody(identity: AnswerIdentity, choices: readonly Choice[]) {
  return {
    id: identity.id,
    object: 'chat.completion',
    created: identity.created,
    model: identity.model,
    choices: choices.map((choice, index) => ({
      index,
      message: {
        role: 'assistant',
        content: choice.toolCalls.length > 0 && choice.text === '' ? null : choice.text,
        refusal: null,
        ...(choice.toolCalls.length > 0 && { tool_calls: choice.toolCalls.map(toolCallBody) }),
      },
      logprobs: choice.logprobs.length > 0 ? { content: choice.logprobs.map(logprobBody) } : null,
      finish_reason: choice.finishReason,
    })),
    ...accountBody(choices),
  }
}

function toolCallBody(call: ToolCall, index: number) {
  return {
    id: call.id,
    type: 'function',
    index,
    function: { name: call.name, arguments: call.arguments },
  }
}

function logprobBody(token: TokenLogprob) {
  return {
    token: token.token,
    logprob: token.logprob,
    bytes: token.bytes,
    top_logprobs: token.alternatives,
  }
}

interface ChoiceState {
  toolCalls: number
  started: boolean
}

/** Chunks, then usage, then `[DONE]`. The finish comes only once the call is booked. */
export async function* chatChunks(
  identity: AnswerIdentity,
  events: AsyncIterable<ChoiceEvent>,
  options: { usageInOwnChunk: boolean; count: number; requestId: string },
): AsyncGenerator<SseEvent, void, undefined> {
  const states = Array.from({ length: options.count }, () => ({ toolCalls: 0, started: false }))
  const finishes = new Map<number, string>()
  const receipts: Receipt[] = []
  const chunk = (choices: object[], more: object = {}): SseEvent => ({
    data: JSON.stringify({
      id: identity.id,
      object: 'chat.completion.chunk',
      created: identity.created,
      model: identity.model,
      choices,
      ...more,
    }),
  })
  try {
    for await (const { index, event } of events) {
      const state = states[index]!
      if (event.type === 'end') finishes.set(index, event.finishReason)
      const delta = deltaOf(event, state)
      if (delta) yield chunk([{ index, ...delta, finish_reason: null }])
      if (event.type !== 'booked') continue
      receipts.push(event.receipt)
      const last = receipts.length === options.count
      const usage = { usage: usageBody(receipts.map((one) => one.usage)) }
      const closing = last ? { ...usage, bastide: receiptBody(receipts) } : {}
      const finish = { index, delta: {}, logprobs: null, finish_reason: finishes.get(index) }
      yield chunk([finish], options.usageInOwnChunk ? {} : closing)
      if (last && options.usageInOwnChunk) yield chunk([], closing)
    }
    assert(receipts.length === options.count, 'every choice of a stream was booked')
  } catch (error) {
    const known = databaseError(error)
    // Before anything was sent the status line can still tell; after that, an event must.
    if (!states.some((state) => state.started)) throw known
    yield { data: JSON.stringify(errorBody(streamError(known), options.requestId)) }
  }
  yield { data: '[DONE]' }
}

function streamError(error: AppError): AppError {
  return error.code === 'cancelled' ? new AppError('cancelled', 'The call was cancelled.') : error
}

function deltaOf(event: ChoiceEvent['event'], state: ChoiceState) {
  const role = state.started ? {} : { role: 'assistant' as const }
  if (event.type === 'text-delta') {
    state.started = true
    const logprobs = event.logprobs ? { content: event.logprobs.map(logprobBody) } : null
    return { delta: { ...role, content: event.text }, logprobs }
  }
  if (event.type === 'tool-call') {
    state.started = true
    const toolCalls = [toolCallBody(event.call, state.toolCalls++)]
    return { delta: { ...role, content: null, tool_calls: toolCalls }, logprobs: null }
  }
  if (event.type === 'end' && !state.started) {
    state.started = true
    return { delta: { ...role, content: '' }, logprobs: null }
  }
  return null
}
