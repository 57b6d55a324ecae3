/**
 * Chat requests as either SDK writes them. Fields of both dialects are accepted; what means nothing
 * here is ignored, never refused. Nothing is silently changed: a field that cannot be honoured is a
 * clear error.
 */
import { z } from 'zod'
import type {
  ChatMessage,
  ContentPart,
  GenerateRequest,
  OutputFormat,
  ToolCall,
  ToolChoice,
} from '../../engines/contract.ts'
import { AppError } from '../../errors.ts'

const optionalNumber = (minimum: number, maximum: number) =>
  z.number().min(minimum).max(maximum).nullish()

/** Sampling fields shared by chat, completions and fill-in-the-middle. */
export const samplingFields = {
  temperature: optionalNumber(0, 5),
  top_p: optionalNumber(0, 1),
  top_k: z.number().int().min(0).nullish(),
  min_p: optionalNumber(0, 1),
  frequency_penalty: optionalNumber(-2, 2),
  presence_penalty: optionalNumber(-2, 2),
  max_tokens: z.number().int().min(1).max(1_000_000).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  seed: z.number().int().nullish(),
  random_seed: z.number().int().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.number().int().min(1).max(8).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
}

const textPart = z.looseObject({ type: z.literal('text'), text: z.string() })
const imagePart = z.looseObject({
  type: z.literal('image_url'),
  image_url: z.union([z.string(), z.looseObject({ url: z.string() })]),
})
/** Parts that carry no text of their own: reasoning and citations of earlier answers. */
const silentPart = z.looseObject({ type: z.enum(['thinking', 'reference', 'tool_reference']) })
const otherPart = z.looseObject({ type: z.string() })
const contentPart = z.union([textPart, imagePart, silentPart, otherPart])
const content = z.union([z.string(), z.array(contentPart)])

const toolCall = z.looseObject({
  id: z.string().nullish(),
  type: z.string().nullish(),
  function: z.looseObject({
    name: z.string(),
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
  }),
})

const message = z.discriminatedUnion('role', [
  z.looseObject({ role: z.enum(['system', 'developer']), content }),
  z.looseObject({ role: z.literal('user'), content }),
  z.looseObject({
    role: z.literal('assistant'),
    content: content.nullish(),
    tool_calls: z.array(toolCall).nullish(),
    prefix: z.boolean().nullish(),
  }),
  z.looseObject({
    role: z.literal('tool'),
    content: content.nullish(),
    tool_call_id: z.string().nullish(),
    name: z.string().nullish(),
  }),
])

const tool = z.looseObject({
  type: z.string().nullish(),
  function: z
    .looseObject({
      name: z.string().regex(/^[\w.-]{1,128}$/),
      description: z.string().nullish(),
      parameters: z.record(z.string(), z.unknown()).nullish(),
    })
    .optional(),
})

const responseFormat = z.looseObject({
  type: z.enum(['text', 'json_object', 'json_schema', 'grammar']),
  json_schema: z
    .looseObject({
      name: z.string().optional(),
      schema: z.record(z.string(), z.unknown()).nullish(),
      schema_definition: z.record(z.string(), z.unknown()).nullish(),
      strict: z.boolean().nullish(),
    })
    .nullish(),
  grammar: z.string().nullish(),
})

export const chatRequestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  ...samplingFields,
  max_completion_tokens: z.number().int().min(1).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'any', 'required']),
      z.looseObject({ function: z.looseObject({ name: z.string() }) }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
})

export type ChatRequestBody = z.infer<typeof chatRequestSchema>
type MessageBody = ChatRequestBody['messages'][number]
type Sampling = z.infer<z.ZodObject<typeof samplingFields>>

/** The engine's request for a chat body. */
export function toGenerateRequest(body: ChatRequestBody): GenerateRequest {
  const tools = toTools(body)
  const choice = toToolChoice(body)
  const format = toFormat(body.response_format)
  return {
    task: 'generate',
    input: { type: 'chat', messages: body.messages.map(toMessage) },
    ...toSampling(body, body.max_completion_tokens ?? body.max_tokens),
    ...(tools.length > 0 && choice !== 'none' && { tools, toolChoice: choice }),
    ...(body.parallel_tool_calls === false && { parallelToolCalls: false }),
    ...(format && { format }),
    ...(body.logprobs && { logprobs: body.top_logprobs ?? 0 }),
  }
}

/** Sampling fields by the engine's names; absent ones stay absent. */
export function toSampling(body: Sampling, maxTokens: number | null | undefined) {
  if (body.logit_bias && Object.keys(body.logit_bias).length > 0) {
    throw new AppError('invalid_request', 'logit_bias is not served; leave it out.', {
      param: 'logit_bias',
    })
  }
  const seed = body.seed ?? body.random_seed
  const stop = typeof body.stop === 'string' ? [body.stop] : body.stop
  return {
    ...(maxTokens != null && { maxTokens }),
    ...(body.temperature != null && { temperature: body.temperature }),
    ...(body.top_p != null && { topP: body.top_p }),
    ...(body.top_k != null && { topK: body.top_k }),
    ...(body.min_p != null && { minP: body.min_p }),
    ...(body.frequency_penalty != null && { frequencyPenalty: body.frequency_penalty }),
    ...(body.presence_penalty != null && { presencePenalty: body.presence_penalty }),
    ...(stop && stop.length > 0 && { stop: stop.filter((text) => text !== '') }),
    ...(seed != null && { seed }),
  }
}

function toMessage(body: MessageBody, index: number): ChatMessage {
  switch (body.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: textOf(body.content, index) }
    case 'user':
      return { role: 'user', content: partsOf(body.content, index) }
    case 'assistant': {
      const toolCalls = body.tool_calls?.map(toToolCall) ?? []
      return {
        role: 'assistant',
        content: textOf(body.content ?? '', index),
        ...(toolCalls.length > 0 && { toolCalls }),
        ...(body.prefix && { prefix: true }),
      }
    }
    case 'tool':
      return {
        role: 'tool',
        toolCallId: body.tool_call_id ?? '',
        content: textOf(body.content ?? '', index),
        ...(body.name && { name: body.name }),
      }
  }
}

function toToolCall(call: z.infer<typeof toolCall>, index: number): ToolCall {
  const { name, arguments: given } = call.function
  return {
    id: call.id || `call_${index}`,
    name,
    arguments: typeof given === 'string' ? given : JSON.stringify(given),
  }
}

type Content = z.infer<typeof content>

function partsOf(body: Content, index: number): ContentPart[] {
  if (typeof body === 'string') return [{ type: 'text', text: body }]
  return body.flatMap((part, at): ContentPart[] => {
    if (part.type === 'text') return [{ type: 'text', text: (part as { text: string }).text }]
    if (part.type === 'image_url') {
      const url = (part as z.infer<typeof imagePart>).image_url
      return [imageOf(typeof url === 'string' ? url : url.url, `messages.${index}.content.${at}`)]
    }
    if (silentPart.safeParse(part).success) return []
    throw new AppError(
      'invalid_request',
      `Content of the type "${part.type.slice(0, 50)}" is not understood. Text and image_url are.`,
      { param: `messages.${index}.content.${at}.type` },
    )
  })
}

function textOf(body: Content, index: number): string {
  return partsOf(body, index)
    .map((part) => {
      if (part.type === 'text') return part.text
      throw new AppError('invalid_request', 'Only user messages can hold images.', {
        param: `messages.${index}.content`,
      })
    })
    .join('')
}

const dataUrlPattern = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w=.+-]+)*;base64,([A-Za-z0-9+/=\s]*)$/

/** Bytes of a `data:` URL; other URLs are not fetched for a model's input. */
function imageOf(url: string, param: string): Extract<ContentPart, { type: 'image' }> {
  const match = dataUrlPattern.exec(url)
  if (!match) {
    throw new AppError(
      'invalid_request',
      'Images must be sent as data: URLs in base64; this server does not fetch addresses that a request names.',
      { param },
    )
  }
  return { type: 'image', mimeType: match[1]!, bytes: Buffer.from(match[2]!, 'base64') }
}

function toTools(body: ChatRequestBody) {
  return (body.tools ?? []).map((one, index) => {
    if (!one.function) {
      throw new AppError(
        'invalid_request',
        `Tools of the type "${one.type}" are not run here; declare functions.`,
        { param: `tools.${index}.type` },
      )
    }
    const { name, description, parameters } = one.function
    return { name, ...(description && { description }), ...(parameters && { parameters }) }
  })
}

function toToolChoice(body: ChatRequestBody): ToolChoice {
  const choice = body.tool_choice ?? 'auto'
  if (typeof choice === 'object') {
    const { name } = choice.function
    if (body.tools?.some((one) => one.function?.name === name)) return { name }
    throw new AppError('invalid_request', `tool_choice names "${name}", which is no tool here.`, {
      param: 'tool_choice',
    })
  }
  return choice === 'any' ? 'required' : choice
}

function toFormat(format: ChatRequestBody['response_format']): OutputFormat | null {
  if (!format || format.type === 'text') return null
  if (format.type === 'json_object') return { type: 'json' }
  if (format.type === 'grammar') {
    if (format.grammar) return { type: 'grammar', grammar: format.grammar }
    throw new AppError('invalid_request', 'response_format grammar needs the field grammar.', {
      param: 'response_format.grammar',
    })
  }
  const schema = format.json_schema?.schema ?? format.json_schema?.schema_definition
  if (schema) return { type: 'json-schema', schema }
  throw new AppError('invalid_request', 'response_format json_schema needs json_schema.schema.', {
    param: 'response_format.json_schema.schema',
  })
}
