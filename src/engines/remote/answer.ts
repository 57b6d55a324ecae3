/** From the OpenAI API's answers, whole or in chunks, to our events. */
import { AppError } from '../../errors.ts'
import type { EngineEvent, EngineUsage, FinishReason, TokenLogprob } from '../contract.ts'
import { answerSchema, type WireAnswer, type WireToolCall } from './wire.ts'

const limits = { toolCalls: 128, argumentsLength: 2 ** 20 }

const unusable = (cause?: unknown) =>
  new AppError('upstream_failed', 'The remote server answered with something unusable.', { cause })

/** Collects one answer. `take` returns the event of a piece, `end` what remains. */
export class RemoteAnswer {
  readonly #calls = new Map<number, { id: string; name: string; text: string }>()
  #usage: WireAnswer['usage']
  #finish: string | undefined
  #characters = 0
  readonly #promptCharacters: number

  constructor(promptCharacters: number) {
    this.#promptCharacters = promptCharacters
  }

  get finished(): boolean {
    return this.#finish !== undefined
  }

  take(text: string): EngineEvent | null {
    const answer = parse(text)
    if (answer.error !== undefined && answer.error !== null) {
      throw new AppError('upstream_failed', 'The remote server failed while it was answering.')
    }
    if (answer.usage) this.#usage = answer.usage
    const choice = answer.choices[0]
    if (!choice) return null
    if (choice.finish_reason) this.#finish = choice.finish_reason
    const message = choice.message ?? choice.delta
    for (const [position, call] of (message?.tool_calls ?? []).entries()) {
      this.#addCall(call.index ?? position, call)
    }
    const delta = choice.text ?? plainText(message?.content)
    this.#characters += delta.length
    const logprobs = readLogprobs(choice.logprobs)
    if (delta === '' && !logprobs) return null
    return { type: 'text-delta', text: delta, ...(logprobs ? { logprobs } : {}) }
  }

  *end(queueSeconds: number): Generator<EngineEvent> {
    for (const [index, { id, name, text }] of [...this.#calls].sort(([a], [b]) => a - b)) {
      if (name === '') throw unusable()
      const call = { id: id || `call${index}`, name, arguments: text || '{}' }
      yield { type: 'tool-call', call }
    }
    const hasCalls = this.#calls.size > 0
    yield {
      type: 'end',
      finishReason: finishReason(this.#finish, hasCalls),
      usage: this.#readUsage(queueSeconds),
    }
  }

  #addCall(index: number, wire: WireToolCall): void {
    let call = this.#calls.get(index)
    if (!call) {
      if (this.#calls.size >= limits.toolCalls) throw unusable()
      call = { id: '', name: '', text: '' }
      this.#calls.set(index, call)
    }
    call.id ||= wire.id ?? ''
    call.name ||= wire.function?.name ?? ''
    call.text += wire.function?.arguments ?? ''
    if (call.text.length > limits.argumentsLength) throw unusable()
  }

  #readUsage(queueSeconds: number): EngineUsage {
    // A server that reports nothing must not be free of charge: about four characters per token.
    const estimate = (characters: number) => Math.max(1, Math.ceil(characters / 4))
    return {
      inputTokens: this.#usage?.prompt_tokens ?? estimate(this.#promptCharacters),
      outputTokens: this.#usage?.completion_tokens ?? estimate(this.#characters),
      cachedTokens: this.#usage?.prompt_tokens_details?.cached_tokens ?? 0,
      pages: 0,
      cpuSeconds: null,
      queueSeconds,
      loadSeconds: 0,
    }
  }
}

function parse(text: string): WireAnswer {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw unusable(cause)
  }
  const result = answerSchema.safeParse(json)
  if (!result.success) throw unusable(result.error)
  return result.data
}

function plainText(
  content: string | { type: string; text?: string | undefined }[] | null | undefined,
) {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('')
}

function finishReason(wire: string | undefined, hasCalls: boolean): FinishReason {
  if (hasCalls) return 'tool_calls'
  if (wire === 'length' || wire === 'model_length') return 'length'
  return wire === 'content_filter' ? 'content_filter' : 'stop'
}

type WireLogprobs = NonNullable<WireAnswer['choices'][number]['logprobs']>

function readLogprobs(wire: WireLogprobs | null | undefined): TokenLogprob[] | null {
  if (!wire) return null
  if ('tokens' in wire) {
    return wire.tokens.map((token, i) => ({
      ...entry({ token, logprob: wire.token_logprobs[i] ?? 0 }),
      alternatives: Object.entries(wire.top_logprobs?.[i] ?? {}).map(([text, logprob]) =>
        entry({ token: text, logprob }),
      ),
    }))
  }
  if (!wire.content) return null
  return wire.content.map((item) => ({
    ...entry(item),
    alternatives: (item.top_logprobs ?? []).map(entry),
  }))
}

function entry(item: { token: string; logprob: number; bytes?: number[] | null | undefined }) {
  return {
    token: item.token,
    logprob: item.logprob,
    bytes: item.bytes ?? [...Buffer.from(item.token)],
  }
}
