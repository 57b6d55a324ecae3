import { useList } from './queries.ts'

/** An alias that may be named in a request. */
export interface Model {
  id: string
  created: number
  owned_by: string
  name: string | null
  description: string | null
  capabilities: Record<string, boolean>
  max_context_length: number | null
  aliases: string[]
  bastide?: {
    package: string
    engine: string
    task: string
    signed: boolean
    signer: string | null
    licence: string | null
    origin_country: string | null
    loaded: boolean
    /** Whether the house's policy lets it run. */
    allowed: boolean
  }
}

/** Which models are in memory changes with every first call. */
export const useModels = () => useList<Model>('models', '/v1/models')

/** The aliases one can chat with, by name. */
export function chatModels(models: Model[]): Model[] {
  return models
    .filter((model) => model.capabilities.completion_chat && model.bastide?.allowed !== false)
    .sort((a, b) => a.id.localeCompare(b.id))
}
