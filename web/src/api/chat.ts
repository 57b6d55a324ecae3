import { ApiError, send } from './client.ts'
import type { Cost } from './energy.ts'
import { readServerEvents } from './server-events.ts'

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}

export interface ChatRequest {
  model: string
  messages: ChatMessage[]
  temperature?: number
  max_tokens?: number
  seed?: number
  response_format?: {
    type: 'json_schema'
    json_schema: { name: string; schema: unknown; strict: boolean }
  }
}

export interface TokenUsage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details?: { cached_tokens?: number } | null
}

/** What the house knows about the call, sent next to `usage`. */
export interface CallReport extends Cost {
  call_id: string
  model_package: string
  queue_ms: number
  run_ms: number
  first_token_ms: number | null
}

export type ChatEvent =
  | { type: 'text-delta'; text: string }
  | {
      type: 'end'
      finishReason: string | null
      usage: TokenUsage | null
      report: CallReport | null
    }

interface Chunk {
  choices?: { delta?: { content?: string | null }; finish_reason?: string | null }[]
  usage?: TokenUsage | null
  bastide?: CallReport
  error?: { message: string; code?: string; request_id?: string }
}

/** Streams one answer. Ends with exactly one `end` event, or throws. */
export async function* streamChat(
  chat: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const response = await send('/v1/chat/completions', {
    method: 'POST',
    body: { ...chat, stream: true, stream_options: { include_usage: true } },
    signal,
  })
  const requestId = response.headers.get('x-request-id')
  let finishReason: string | null = null
  let usage: TokenUsage | null = null
  let report: CallReport | null = null
  for await (const event of readServerEvents(response.body!)) {
    if (event.data === '[DONE]') break
    const chunk = JSON.parse(event.data) as Chunk
    if (chunk.error) throw streamError(chunk.error, requestId)
    const choice = chunk.choices?.[0]
    if (choice?.delta?.content) yield { type: 'text-delta', text: choice.delta.content }
    finishReason = choice?.finish_reason ?? finishReason
    usage = chunk.usage ?? usage
    report = chunk.bastide ?? report
  }
  yield { type: 'end', finishReason, usage, report }
}

function streamError(error: NonNullable<Chunk['error']>, requestId: string | null): ApiError {
  return new ApiError(error.message, {
    code: error.code ?? 'internal',
    status: 200,
    requestId: error.request_id ?? requestId,
  })
}
