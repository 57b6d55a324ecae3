/**
 * Requests of OpenAI's Responses API, read as the conversation they mean. What the API runs itself
 * (web search, code, files, background work) is refused by name; nothing is dropped in silence.
 */
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { type ChatRequestBody, chatRequestSchema } from './chat-request.ts'

const part = z.looseObject({ type: z.string() })
const content = z.union([z.string(), z.array(part)])

const item = z.union([
  z.looseObject({
    type: z.literal('message').optional(),
    role: z.enum(['user', 'assistant', 'system', 'developer']),
    content,
  }),
  z.looseObject({
    type: z.literal('function_call'),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
  }),
  z.looseObject({ type: z.literal('function_call_output'), call_id: z.string(), output: content }),
  z.looseObject({ type: z.literal('reasoning') }),
])
export type InputItem = z.infer<typeof item>

const format = z.looseObject({
  type: z.enum(['text', 'json_object', 'json_schema']),
  name: z.string().optional(),
  schema: z.record(z.string(), z.unknown()).nullish(),
})

const tool = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
})

export const responsesRequestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item)]),
  instructions: z.string().nullish(),
  previous_response_id: z.string().max(100).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.number().int().min(1).nullish(),
  temperature: z.number().min(0).max(5).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  include: z.array(z.string()).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: z
    .union([z.enum(['auto', 'none', 'required']), z.looseObject({ type: z.string() })])
    .nullish(),
  text: z.looseObject({ format: format.nullish() }).nullish(),
  metadata: z.record(z.string(), z.string().max(512)).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
})
export type ResponsesRequestBody = z.infer<typeof responsesRequestSchema>

const notServed = (what: string, param: string, instead: string) =>
  new AppError('unsupported', `${what} is not served here. ${instead}`, { param })

/** Throws `unsupported` for what the API does by itself elsewhere. */
export function requireServed(body: ResponsesRequestBody): void {
  if (body.background) {
    throw notServed('Background work', 'background', 'Send a batch to /v1/batches instead.')
  }
  if (body.conversation) {
    throw notServed('A stored conversation', 'conversation', 'Use previous_response_id instead.')
  }
  if (body.prompt) throw notServed('A stored prompt', 'prompt', 'Send its text as instructions.')
  if (body.truncation === 'auto') {
    throw notServed('Leaving out what does not fit', 'truncation', 'Send less, or "disabled".')
  }
}

/** A request's input as items. */
export function inputItems({ input }: ResponsesRequestBody): InputItem[] {
  return typeof input === 'string' ? [{ role: 'user', content: input }] : input
}

/** The chat request that means the same, after what was said before. */
export function toChatBody(
  body: ResponsesRequestBody,
  earlier: readonly InputItem[],
): ChatRequestBody {
  const { instructions, top_logprobs: topLogprobs } = body
  const items = [...earlier, ...inputItems(body)]
  const wantsLogprobs = body.include?.includes('message.output_text.logprobs') || topLogprobs
  const chat = {
    model: body.model,
    messages: [
      ...(instructions ? [{ role: 'system', content: instructions }] : []),
      ...messagesOf(items),
    ],
    stream: body.stream,
    max_completion_tokens: body.max_output_tokens,
    temperature: body.temperature,
    top_p: body.top_p,
    parallel_tool_calls: body.parallel_tool_calls,
    ...(wantsLogprobs && { logprobs: true, top_logprobs: topLogprobs ?? 0 }),
    tools: body.tools?.map(toTool),
    tool_choice: toToolChoice(body.tool_choice),
    response_format: toFormat(body.text?.format),
  }
  const parsed = chatRequestSchema.safeParse(chat)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AppError('invalid_request', `The input cannot be read: ${issue?.message}.`, {
    param: issue?.path.join('.').replace(/^messages/, 'input') ?? 'input',
  })
}

function messagesOf(items: readonly InputItem[]): unknown[] {
  const messages: { role: string; content: unknown; tool_calls?: unknown[] }[] = []
  for (const one of items) {
    if ('role' in one) messages.push({ role: String(one.role), content: toContent(one.content) })
    else if (one.type === 'function_call') {
      const call = {
        id: one.call_id,
        type: 'function',
        function: { name: one.name, arguments: one.arguments },
      }
      const last = messages.at(-1)
      // What a model said and what it called stand in one message of a conversation.
      if (last?.role === 'assistant') last.tool_calls = [...(last.tool_calls ?? []), call]
      else messages.push({ role: 'assistant', content: '', tool_calls: [call] })
    } else if (one.type === 'function_call_output') {
      const message = { role: 'tool', content: toContent(one.output), tool_call_id: one.call_id }
      messages.push(message)
    }
  }
  return messages
}

/** Parts by the names that chat uses. */
function toContent(given: unknown): unknown {
  if (!Array.isArray(given)) return given
  return (given as z.infer<typeof part>[]).map((one) => {
    if (['input_text', 'output_text', 'text'].includes(one.type)) {
      return { type: 'text', text: one.text }
    }
    if (one.type === 'refusal') return { type: 'text', text: one.refusal }
    if (one.type === 'input_image' && typeof one.image_url === 'string') {
      return { type: 'image_url', image_url: one.image_url }
    }
    throw notServed(`Input of the type "${one.type.slice(0, 50)}"`, 'input', 'Send text or images.')
  })
}

function toTool(one: z.infer<typeof tool>, index: number) {
  if (one.type !== 'function') {
    const what = `The tool "${one.type.slice(0, 50)}"`
    throw notServed(what, `tools.${index}.type`, 'Declare functions; your program runs them.')
  }
  const { name, description, parameters } = one
  return { type: 'function', function: { name: name ?? '', description, parameters } }
}

function toToolChoice(choice: ResponsesRequestBody['tool_choice']) {
  if (!choice || typeof choice === 'string') return choice
  if (choice.type === 'function') return { function: { name: String(choice.name ?? '') } }
  const what = `tool_choice "${choice.type.slice(0, 50)}"`
  throw notServed(what, 'tool_choice', 'Use auto, none, required or a function.')
}

function toFormat(wanted: z.infer<typeof format> | null | undefined) {
  if (!wanted) return undefined
  const { type, name, schema } = wanted
  return type === 'json_schema' ? { type, json_schema: { name, schema } } : { type }
}
