import { useQuery } from '@tanstack/react-query'
import { request } from './client.ts'

/** A model or alias that may be named in a request. */
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
  }
}

export function useModels() {
  return useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => request<{ data: Model[] }>('/v1/models', { signal }),
    select: (answer) => answer.data,
    staleTime: 15_000,
  })
}

/** Models one can chat with: aliases first, for they survive a change of package. */
export function chatModels(models: Model[]): Model[] {
  const rank = (model: Model) => (model.id.includes('@') ? 0 : 1)
  return models
    .filter((model) => model.capabilities.completion_chat === true)
    .sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id))
}
