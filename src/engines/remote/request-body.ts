/** From our request to the OpenAI API's JSON. Fields the caller did not set are not sent. */
import { AppError } from '../../errors.ts'
import type { ChatMessage, ContentPart, GenerateRequest, OutputFormat } from '../contract.ts'
import type { RemoteSettings } from './settings.ts'

export interface WireRequest {
  path: '/chat/completions' | '/completions' | '/embeddings'
  body: Record<string, unknown>
}

export function generateBody(request: GenerateRequest, settings: RemoteSettings): WireRequest {
  const { input } = request
  const common = {
    model: settings.upstreamModel,
    ...sampling(request, settings),
    ...(request.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  }
  if (input.type === 'chat') {
    const messages = input.messages.map(wireMessage)
    const body = { ...common, messages, ...tools(request, settings), ...logprobs(request) }
    return {
      path: '/chat/completions',
      body: { ...body, ...continuation(input.messages, settings, messages) },
    }
  }
  const prompt =
    input.type === 'text'
      ? { prompt: input.prompt }
      : { prompt: input.prefix, suffix: input.suffix }
  const count = request.logprobs === undefined ? {} : { logprobs: request.logprobs }
  return { path: '/completions', body: { ...common, ...prompt, ...count } }
}

export function embedBody(inputs: string[], settings: RemoteSettings): WireRequest {
  return {
    path: '/embeddings',
    body: { model: settings.upstreamModel, input: inputs, encoding_format: 'float' },
  }
}

function sampling(request: GenerateRequest, settings: RemoteSettings): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    min_p: request.minP,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    stop: request.stop,
    [settings.dialect === 'mistral' ? 'random_seed' : 'seed']: request.seed,
    ...format(request.format, settings),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function format(output: OutputFormat | undefined, { dialect }: RemoteSettings) {
  switch (output?.type) {
    case 'json':
      return { response_format: { type: 'json_object' } }
    case 'json-schema': {
      const json_schema = { name: 'response', schema: output.schema, strict: true }
      return { response_format: { type: 'json_schema', json_schema } }
    }
    case 'grammar':
      if (dialect === 'vllm') return { structured_outputs: { grammar: output.grammar } }
      if (dialect === 'llama-server') return { grammar: output.grammar }
      throw unsupported('grammars')
    default:
      return {}
  }
}

const unsupported = (what: string) =>
  new AppError(
    'unsupported',
    `This remote model takes no ${what}. If its server does, name it in the model's setting "dialect".`,
  )

function tools(request: GenerateRequest, { dialect }: RemoteSettings): Record<string, unknown> {
  if (!request.tools?.length) return {}
  const choice = request.toolChoice
  const wireChoice =
    typeof choice === 'object'
      ? { type: 'function', function: { name: choice.name } }
      : choice === 'required' && dialect === 'mistral'
        ? 'any'
        : choice
  return {
    tools: request.tools.map((tool) => ({ type: 'function', function: tool })),
    ...(wireChoice === undefined ? {} : { tool_choice: wireChoice }),
    ...(request.parallelToolCalls === undefined
      ? {}
      : { parallel_tool_calls: request.parallelToolCalls }),
  }
}

function logprobs(request: GenerateRequest): Record<string, unknown> {
  if (request.logprobs === undefined) return {}
  return { logprobs: true, top_logprobs: request.logprobs }
}

/** How each server is told to continue the last assistant message; OpenAI's own cannot. */
function continuation(
  messages: ChatMessage[],
  { dialect }: RemoteSettings,
  wire: Record<string, unknown>[],
): Record<string, unknown> {
  const last = messages.at(-1)
  if (last?.role !== 'assistant' || !last.prefix) return {}
  if (dialect === 'vllm') return { continue_final_message: true, add_generation_prompt: false }
  if (dialect === 'llama-server') return {}
  if (dialect === 'mistral') {
    return { messages: [...wire.slice(0, -1), { ...wire.at(-1), prefix: true }] }
  }
  throw unsupported('prefix of the answer')
}

function wireMessage(message: ChatMessage): Record<string, unknown> {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content }
    case 'user':
      return { role: 'user', content: userContent(message.content) }
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: message.toolCallId,
        content: message.content,
        ...(message.name === undefined ? {} : { name: message.name }),
      }
    case 'assistant': {
      if (!message.toolCalls?.length) return { role: 'assistant', content: message.content }
      const calls = message.toolCalls.map(({ id, name, arguments: text }) => ({
        id,
        type: 'function',
        function: { name, arguments: text },
      }))
      return { role: 'assistant', content: message.content || null, tool_calls: calls }
    }
  }
}

/** Plain text where it can be: many servers take lists of parts only for models that see. */
function userContent(parts: ContentPart[]): unknown {
  if (parts.every((part) => part.type === 'text')) return parts.map(({ text }) => text).join('')
  return parts.map((part) => {
    if (part.type === 'text') return part
    const data = Buffer.from(part.bytes).toString('base64')
    return { type: 'image_url', image_url: { url: `data:${part.mimeType};base64,${data}` } }
  })
}
