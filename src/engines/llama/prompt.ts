/**
 * From a request to the tokens the model sees.
 *
 * Text written by users, tools and documents must not become control tokens: a message holding
 * `<|im_end|>` would otherwise end its own turn and forge the next. Control names inside message
 * text are therefore replaced by placeholders before the template is rendered, and tokenised as
 * plain text where the placeholders come out.
 */
import { AppError } from '../../errors.ts'
import type { ChatMessage, GenerateRequest } from '../contract.ts'
import type { Native } from './native.ts'
import type { TokenText } from './token-text.ts'
import { type ToolFormat, toolInstructions } from './tool-format.ts'

/** Used when a model file brings no template. */
export const fallbackTemplate = `{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`

export interface PromptParts {
  native: Native
  tokenText: TokenText
  template: string
  toolFormat: ToolFormat
}

export function promptTokens(request: GenerateRequest, parts: PromptParts): number[] {
  const { input } = request
  if (input.type === 'text') return withBos(tokenize(parts, input.prompt, true), parts.native)
  if (input.type === 'fill') return fillTokens(input.prefix, input.suffix, parts)
  return chatTokens(request, input.messages, parts)
}

function tokenize({ native, tokenText }: PromptParts, text: string, special: boolean): number[] {
  if (!tokenText.mayFit(text)) {
    throw new AppError(
      'invalid_request',
      `The prompt has ${text.length} characters; the model's context holds ${native.contextSize} tokens. Shorten the prompt or choose a model with a longer context.`,
      { param: 'messages' },
    )
  }
  return text === '' ? [] : Array.from(native.model.tokenize(text, special))
}

function withBos(tokens: number[], native: Native): number[] {
  const missing = native.prependBos && native.bosToken >= 0 && tokens[0] !== native.bosToken
  if (missing) return [native.bosToken, ...tokens]
  // A model needs at least one token to predict from.
  if (tokens.length === 0) return [native.bosToken >= 0 ? native.bosToken : native.eosToken]
  return tokens
}

function fillTokens(prefix: string, suffix: string, parts: PromptParts): number[] {
  const { model } = parts.native
  const [before, middle, after] = [model.prefixToken(), model.middleToken(), model.suffixToken()]
  if (before < 0 || middle < 0 || after < 0) {
    throw new AppError(
      'unsupported',
      'This model has no fill-in-the-middle tokens. Use a code model that was trained for it.',
    )
  }
  const [head, tail] = [tokenize(parts, prefix, false), tokenize(parts, suffix, false)]
  return withBos([before, ...head, after, ...tail, middle], parts.native)
}

function chatTokens(request: GenerateRequest, messages: ChatMessage[], parts: PromptParts) {
  const { native, toolFormat } = parts
  const tools = request.toolChoice === 'none' ? [] : (request.tools ?? [])
  const placeholders = new Placeholders(parts.tokenText.controlNames())
  const last = messages.at(-1)
  const continued = last?.role === 'assistant' && last.prefix ? last.content : null
  let shown = messages.slice(0, continued === null ? undefined : -1).map(templateMessage)
  if (tools.length > 0 && !toolFormat.native) shown = explainTools(shown, toolInstructions(tools))
  const name = (token: number) => (token >= 0 ? native.model.getTokenString(token) : '')
  let rendered: string
  try {
    rendered = native.renderTemplate(parts.template, {
      messages: placeholders.hide(shown),
      ...(tools.length > 0 && toolFormat.native
        ? { tools: placeholders.hide(tools.map((tool) => ({ type: 'function', function: tool }))) }
        : {}),
      add_generation_prompt: true,
      bos_token: name(native.bosToken),
      eos_token: name(native.eosToken),
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 300) : ''
    throw new AppError(
      'invalid_request',
      `The model's chat template refused these messages: ${reason}`,
      { param: 'messages', cause: error },
    )
  }
  if (continued !== null) rendered += placeholders.hide(continued)
  const tokens = placeholders.split(rendered).flatMap((piece) => {
    return tokenize(parts, piece.text, !piece.plain)
  })
  return withBos(tokens, native)
}

function templateMessage(message: ChatMessage): Record<string, unknown> {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content }
    case 'user':
      return { role: 'user', content: message.content.map(partText).join('') }
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: message.toolCallId,
        ...(message.name === undefined ? {} : { name: message.name }),
        content: message.content,
      }
    case 'assistant': {
      const calls = message.toolCalls ?? []
      if (calls.length === 0) return { role: 'assistant', content: message.content }
      const toolCalls = calls.map(({ id, name, arguments: text }) => ({
        id,
        type: 'function',
        function: { name, arguments: parsedArguments(text) },
      }))
      return { role: 'assistant', content: message.content, tool_calls: toolCalls }
    }
  }
}

function partText(part: { type: string; text?: string }): string {
  if (part.type === 'text') return part.text ?? ''
  throw new AppError(
    'invalid_request',
    'This model cannot see images. Send text only, or choose a model that can.',
    { param: 'messages' },
  )
}

/** Templates expect an object; what the model once wrote may not be JSON, then its text is kept. */
function parsedArguments(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function explainTools(messages: Record<string, unknown>[], instructions: string) {
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [{ role: 'system', content: instructions }, ...messages]
  return [{ role: 'system', content: `${first.content}\n\n${instructions}` }, ...rest]
}

/** Private-use characters that frame the number of a hidden name. */
const [frameStart, frameEnd] = ['\uf8e0', '\uf8e1']

class Placeholders {
  readonly #hidden: string[] = []
  readonly #pattern: RegExp | null

  constructor(names: readonly string[]) {
    const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    this.#pattern = escaped.length > 0 ? new RegExp(escaped.join('|'), 'g') : null
  }

  /** A copy of a value with the control names in all of its strings hidden. */
  hide<T>(value: T): T {
    if (typeof value === 'string') return this.#hideText(value) as T
    if (Array.isArray(value)) return value.map((item) => this.hide(item)) as T
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([key, item]) => [
      this.#hideText(key),
      this.hide(item),
    ])
    return Object.fromEntries(entries) as T
  }

  #hideText(text: string): string {
    // The frames themselves cannot be smuggled in: they mean nothing to a reader.
    const clean = text.replaceAll(frameStart, '').replaceAll(frameEnd, '')
    if (!this.#pattern) return clean
    return clean.replace(this.#pattern, (name) => {
      this.#hidden.push(name)
      return `${frameStart}${this.#hidden.length - 1}${frameEnd}`
    })
  }

  split(rendered: string): { text: string; plain: boolean }[] {
    const pattern = new RegExp(`${frameStart}(\\d+)${frameEnd}`)
    return rendered
      .split(pattern)
      .map((piece, index) =>
        index % 2 === 0
          ? { text: piece, plain: false }
          : { text: this.#hidden[Number(piece)] ?? '', plain: true },
      )
      .filter((piece) => piece.text !== '')
  }
}
