/** Fill-in-the-middle requests, after Mistral's `/v1/fim/completions`. */
import { z } from 'zod'
import type { GenerateRequest } from '../../engines/contract.ts'
import { samplingFields, toSampling } from './chat-request.ts'

export const fimRequestSchema = z.looseObject({
  model: z.string().min(1),
  prompt: z.string(),
  suffix: z.string().nullish(),
  ...samplingFields,
})

export function toFillRequest(body: z.infer<typeof fimRequestSchema>): GenerateRequest {
  return {
    task: 'generate',
    input: { type: 'fill', prefix: body.prompt, suffix: body.suffix ?? '' },
    ...toSampling(body, body.max_tokens),
  }
}
