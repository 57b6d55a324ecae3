/** Settings of a remote model, from its package manifest. */
import { z } from 'zod'

/** Calls at once where a package does not say. */
export const usualConcurrency = 64

import { AppError } from '../../errors.ts'
import type { EngineModel } from '../contract.ts'

const settingsSchema = z.object({
  /** Up to and including the version, e.g. `http://10.0.0.5:8000/v1`. */
  baseUrl: z.url({ protocol: /^https?$/ }),
  /** The model's name on the other server. */
  upstreamModel: z.string().min(1),
  /** Name of the stored secret that is the API key. */
  apiKeySecret: z.string().min(1).optional(),
  /** What the server accepts beyond OpenAI's fields: grammars, prefix continuation, seeds. */
  dialect: z.enum(['openai', 'vllm', 'llama-server', 'mistral']).default('openai'),
  maxConcurrency: z.int().min(1).max(10_000).default(usualConcurrency),
  timeoutSeconds: z.number().positive().max(86_400).default(600),
  firstTokenTimeoutSeconds: z.number().positive().max(86_400).default(120),
})

export type RemoteSettings = z.infer<typeof settingsSchema>

/** Settings objects are made once per package, so each is validated once. */
const parsed = new WeakMap<object, RemoteSettings>()

export function remoteSettings(model: EngineModel): RemoteSettings {
  const known = parsed.get(model.settings)
  if (known) return known
  const result = settingsSchema.safeParse(model.settings)
  if (!result.success) {
    throw new AppError(
      'model_unavailable',
      `The settings of model "${model.name}" are not valid: ${z.prettifyError(result.error)}`,
    )
  }
  const settings = { ...result.data, baseUrl: result.data.baseUrl.replace(/\/+$/, '') }
  parsed.set(model.settings, settings)
  return settings
}
