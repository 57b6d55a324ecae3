/** Turns one generate request into a batch request, and its tokens into events. */
import { AppError, isFailureCode } from '../../errors.ts'
import type { FinishReason, GenerateRequest } from '../contract.ts'
import { AnswerText } from './answer-text.ts'
import type { Batcher, BatchRequest } from './batcher.ts'
import type { CpuAccount, CpuMeter } from './cpu-meter.ts'
import type { ChildEvent } from './messages.ts'
import type { GrammarState, Native, SamplerConfig } from './native.ts'
import { fallbackTemplate, type PromptParts, promptTokens } from './prompt.ts'
import { createTokenText } from './token-text.ts'
import { grammarOf, toolFormatOf } from './tool-format.ts'

/**
 * What a request gets when it does not say. Top-k keeps sorting cheap with large vocabularies; the
 * rest leaves the model's distribution as it is, which is what the OpenAI API promises.
 */
const defaults = { temperature: 1, topK: 40, topP: 1, minP: 0 }

const grammarLimits = { bytes: 262_144, nesting: 128, cached: 32 }

export interface GeneratorParts {
  native: Native
  batcher: Batcher
  meter: CpuMeter
  chatTemplate: string | null
  send(event: ChildEvent): void
}

export interface Generator {
  /** Starts a request; everything it yields goes to `send`. Returns what cancels it. */
  start(id: number, request: GenerateRequest): () => void
}

export function createGenerator(parts: GeneratorParts): Generator {
  const template = parts.chatTemplate ?? fallbackTemplate
  const prompt: PromptParts = {
    native: parts.native,
    tokenText: createTokenText(parts.native),
    template,
    toolFormat: toolFormatOf(template),
  }
  const grammars = new Map<string, () => GrammarState>()

  function grammarState(text: string): GrammarState {
    let make = grammars.get(text)
    if (!make) {
      make = compile(parts.native, text)
      if (grammars.size >= grammarLimits.cached) grammars.delete(grammars.keys().next().value!)
      grammars.set(text, make)
    }
    return make()
  }

  return {
    start(id, request) {
      const tokens = promptTokens(request, prompt)
      checkLength(tokens.length, parts.native.contextSize)
      const grammar = grammarOf(request, prompt.toolFormat)
      const sampler = parts.native.createSampler()
      sampler.applyConfig(samplerConfig(request, parts.native.contextSize, grammar, grammarState))
      return run({ id, request, tokens, sampler, prompt, parts })
    },
  }
}

function checkLength(promptLength: number, contextSize: number): void {
  if (promptLength < contextSize) return
  throw new AppError(
    'invalid_request',
    `The prompt has ${promptLength} tokens; the model's context holds ${contextSize}, and at least one must be left for the answer. Shorten the prompt or choose a model with a longer context.`,
    { param: 'messages' },
  )
}

function compile(native: Native, text: string): () => GrammarState {
  let depth = 0
  for (const character of text) {
    if (character === '(') depth++
    if (character === ')') depth--
    // llama.cpp parses groups by recursion; this bound keeps it off the end of its stack.
    if (depth > grammarLimits.nesting) throw badGrammar('it is nested too deeply')
  }
  if (text.length > grammarLimits.bytes) throw badGrammar('it is too large')
  if (!/^\s*root\s*::=/m.test(text)) throw badGrammar('it has no "root" rule')
  try {
    return native.compileGrammar(text)
  } catch (error) {
    throw badGrammar(error instanceof Error ? error.message.slice(0, 200) : 'it does not parse')
  }
}

const badGrammar = (reason: string) =>
  new AppError('invalid_request', `The grammar cannot be used: ${reason}.`, { param: 'grammar' })

function samplerConfig(
  request: GenerateRequest,
  contextSize: number,
  grammar: string | null,
  grammarState: (text: string) => GrammarState,
): SamplerConfig {
  const frequency = request.frequencyPenalty ?? 0
  const presence = request.presencePenalty ?? 0
  return {
    temperature: request.temperature ?? defaults.temperature,
    topK: request.topK ?? defaults.topK,
    topP: request.topP ?? defaults.topP,
    minP: request.minP ?? defaults.minP,
    seed: (request.seed ?? Math.floor(Math.random() * 2 ** 31)) >>> 0,
    ...(frequency === 0 && presence === 0
      ? {}
      : {
          // Penalties look at the answer only, all of it, as the OpenAI API defines them.
          repeatPenalty: 1,
          repeatPenaltyMaxTokens: contextSize,
          repeatPenaltyTokens: new Uint32Array(0),
          repeatPenaltyFrequencyPenalty: frequency,
          repeatPenaltyPresencePenalty: presence,
        }),
    ...(grammar === null ? {} : { grammarEvaluationState: grammarState(grammar) }),
  }
}

interface RunParts {
  id: number
  request: GenerateRequest
  tokens: number[]
  sampler: BatchRequest['sampler']
  prompt: PromptParts
  parts: GeneratorParts
}

function run({ id, request, tokens, sampler, prompt, parts }: RunParts): () => void {
  const { native, batcher, meter, send } = parts
  const account: CpuAccount = { cpuSeconds: 0 }
  const submitted = performance.now()
  const maxTokens = request.maxTokens ?? Number.POSITIVE_INFINITY
  let [outputTokens, cachedTokens, queueSeconds, ended] = [0, 0, 0, false]

  const answer = new AnswerText(
    {
      stop: request.stop ?? [],
      tools: request.toolChoice === 'none' ? [] : (request.tools ?? []),
      toolFormat: prompt.toolFormat,
      parallelToolCalls: request.parallelToolCalls !== false,
    },
    {
      text: (text, logprobs) => send({ id, type: 'text', text, ...(logprobs ? { logprobs } : {}) }),
      toolCall: (call) => send({ id, type: 'tool-call', call }),
    },
  )

  function close(): boolean {
    if (ended) return false
    ended = true
    meter.leave(account)
    sampler.dispose()
    return true
  }

  function finish(reason: FinishReason): true {
    answer.finish()
    if (!close()) return true
    send({
      id,
      type: 'end',
      finishReason: answer.toolCallCount > 0 ? 'tool_calls' : reason,
      usage: {
        inputTokens: tokens.length,
        outputTokens,
        cachedTokens,
        cpuSeconds: account.cpuSeconds,
        queueSeconds,
      },
    })
    return true
  }

  const batchRequest: BatchRequest = {
    prompt: tokens,
    sampler,
    logprobs: request.logprobs,
    started(cached) {
      meter.enter(account)
      cachedTokens = cached
      queueSeconds = (performance.now() - submitted) / 1000
    },
    token(token, logprob) {
      outputTokens++
      if (native.model.isEogToken(token)) return finish('stop')
      const visible = !prompt.tokenText.isControl(token) || isToolMarker(token, prompt)
      const bytes = visible ? prompt.tokenText.bytes(token) : new Uint8Array(0)
      if (answer.push(bytes, logprob)) return finish('stop')
      return outputTokens >= maxTokens ? finish('length') : false
    },
    over: (reason) => void finish(reason),
    failed(error) {
      if (close()) send(errorEvent(id, error))
    },
  }
  batcher.submit(batchRequest)
  return () => {
    batcher.cancel(batchRequest)
    close()
  }
}

/** Some vocabularies make `[TOOL_CALLS]` and its kind control tokens; the parser needs their text. */
function isToolMarker(token: number, { native, toolFormat }: PromptParts): boolean {
  const name = native.model.getTokenString(token)
  return name === toolFormat.open || name === toolFormat.close || name === '[ARGS]'
}

export function errorEvent(id: number, error: AppError): ChildEvent {
  const code = isFailureCode(error.code) ? error.code : 'internal'
  return { id, type: 'error', code, message: error.message, param: error.param }
}
