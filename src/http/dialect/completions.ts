/** Text completions, after OpenAI's `/v1/completions`. */
import { z } from 'zod'
import type { GenerateRequest, TokenLogprob } from '../../engines/contract.ts'
import { AppError } from '../../errors.ts'
import type { Receipt } from '../../inference/door.ts'
import { databaseError } from '../../store/database.ts'
import { errorBody } from '../errors.ts'
import type { SseEvent } from '../sse.ts'
import { samplingFields, toSampling } from './chat-request.ts'
import type { AnswerIdentity } from './chat-response.ts'
import { type Choice, type Generation, generateAll, generateMerged } from './generation.ts'
import { accountBody, receiptBody, usageBody } from './usage.ts'

const promptsMax = 64

export const completionRequestSchema = z.looseObject({
  model: z.string().min(1),
  prompt: z.union([z.string(), z.array(z.string()).min(1).max(promptsMax), z.array(z.unknown())]),
  suffix: z.string().nullish(),
  echo: z.boolean().nullish(),
  best_of: z.number().int().min(1).max(20).nullish(),
  ...samplingFields,
  logprobs: z.number().int().min(0).max(20).nullish(),
})

type CompletionRequestBody = z.infer<typeof completionRequestSchema>

/** The engine's requests, one per prompt and choice, in the order of the answer's indexes. */
export function completionRequests(body: CompletionRequestBody): GenerateRequest[] {
  const prompts = typeof body.prompt === 'string' ? [body.prompt] : body.prompt
  if (body.echo) {
    throw new AppError(
      'invalid_request',
      'echo is not served; the prompt is known to the caller.',
      {
        param: 'echo',
      },
    )
  }
  if (body.best_of && body.best_of > (body.n ?? 1)) {
    throw new AppError('invalid_request', 'best_of above n is not served; ask for n instead.', {
      param: 'best_of',
    })
  }
  return prompts.flatMap((prompt) => {
    if (typeof prompt !== 'string') {
      throw new AppError('invalid_request', 'prompt must be a text or a list of texts.', {
        param: 'prompt',
      })
    }
    const input: GenerateRequest['input'] = body.suffix
      ? { type: 'fill', prefix: prompt, suffix: body.suffix }
      : { type: 'text', prompt }
    const sampling = toSampling(body, body.max_tokens ?? 16)
    const logprobs = body.logprobs == null ? {} : { logprobs: body.logprobs }
    return Array.from({ length: body.n ?? 1 }, (_, index) => ({
      task: 'generate' as const,
      input,
      ...sampling,
      ...logprobs,
      ...(sampling.seed !== undefined && { seed: sampling.seed + index }),
    }))
  })
}

type Work = Omit<Generation, 'request' | 'count'>

export async function completeText(
  work: Work,
  requests: GenerateRequest[],
  identity: AnswerIdentity,
) {
  const { item, ...context } = work.context
  const bodyOf = (choices: Choice[]) => completionBody(identity, choices)
  // For a line of a durable run the last request is run after the others: it books the line's result.
  const others = item ? requests.slice(0, -1) : requests
  const choices: Choice[] = await Promise.all(
    others.map(async (request) => (await generateAll({ ...work, context, request, count: 1 }))[0]!),
  )
  if (!item) return bodyOf(choices)
  const request = requests.at(-1)!
  const result = (last: Choice[]) => bodyOf([...choices, ...last])
  return result(await generateAll({ ...work, request, count: 1 }, result))
}

function completionBody(identity: AnswerIdentity, choices: readonly Choice[]) {
  return {
    ...identity,
    object: 'text_completion',
    choices: choices.map((choice, index) => ({
      index,
      text: choice.text,
      logprobs: choice.logprobs.length > 0 ? legacyLogprobs(choice.logprobs) : null,
      finish_reason: choice.finishReason,
    })),
    ...accountBody(choices),
  }
}

function legacyLogprobs(tokens: readonly TokenLogprob[]) {
  let offset = 0
  return {
    tokens: tokens.map((token) => token.token),
    token_logprobs: tokens.map((token) => token.logprob),
    top_logprobs: tokens.map((token) =>
      Object.fromEntries(token.alternatives.map((one) => [one.token, one.logprob])),
    ),
    text_offset: tokens.map((token) => {
      const at = offset
      offset += token.token.length
      return at
    }),
  }
}

/** The requests one after the other, as chunks; most streams have one. */
export async function* completionChunks(
  work: Work,
  requests: GenerateRequest[],
  identity: AnswerIdentity,
  options: { usageInOwnChunk: boolean; requestId: string },
): AsyncGenerator<SseEvent, void, undefined> {
  const receipts: Receipt[] = []
  let started = false
  const chunk = (choices: object[], more: object = {}): SseEvent => {
    started = true
    return {
      data: JSON.stringify({ ...identity, object: 'text_completion', choices, ...more }),
    }
  }
  try {
    for (const [index, request] of requests.entries()) {
      let finishReason = 'stop'
      for await (const { event } of generateMerged({ ...work, request, count: 1 })) {
        if (event.type === 'text-delta') {
          const logprobs = event.logprobs ? legacyLogprobs(event.logprobs) : null
          yield chunk([{ index, text: event.text, logprobs, finish_reason: null }])
        }
        if (event.type === 'end') finishReason = event.finishReason
        if (event.type === 'booked') receipts.push(event.receipt)
      }
      yield chunk([{ index, text: '', logprobs: null, finish_reason: finishReason }])
    }
    const usage = { usage: usageBody(receipts.map((one) => one.usage)) }
    yield chunk([], { ...usage, bastide: receiptBody(receipts) })
  } catch (error) {
    if (!started) throw error
    yield { data: JSON.stringify(errorBody(databaseError(error), options.requestId)) }
  }
  yield { data: '[DONE]' }
}
