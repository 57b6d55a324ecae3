/** What an OpenAI-compatible server answers, as far as it is read. */
import { z } from 'zod'

const tokenLogprob = z.object({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.number()).nullish(),
})

const chatLogprobs = z.object({
  content: z
    .array(tokenLogprob.extend({ top_logprobs: z.array(tokenLogprob).nullish() }))
    .nullish(),
})

/** The older notation of `/completions`: parallel lists. */
const textLogprobs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number().nullable()),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
})

const usage = z.object({
  prompt_tokens: z.number().nonnegative(),
  completion_tokens: z.number().nonnegative().nullish(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
})

const toolCall = z.object({
  index: z.number().int().min(0).max(1000).nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
})

const content = z
  .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
  .nullish()

const message = z.object({ content, tool_calls: z.array(toolCall).nullish() })

/** One shape for whole answers (`message`, `text`) and for chunks of streams (`delta`, `text`). */
export const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        message: message.nullish(),
        delta: message.nullish(),
        text: z.string().nullish(),
        finish_reason: z.string().nullish(),
        logprobs: z.union([textLogprobs, chatLogprobs]).nullish(),
      }),
    )
    .default([]),
  usage: usage.nullish(),
  error: z.unknown().optional(),
})

export type WireAnswer = z.infer<typeof answerSchema>
export type WireToolCall = z.infer<typeof toolCall>

export const embeddingsSchema = z.object({
  data: z.array(
    z.object({ index: z.number().int().nonnegative(), embedding: z.array(z.number()) }),
  ),
  usage: usage.nullish(),
})
