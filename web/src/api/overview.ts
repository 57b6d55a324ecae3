import { useQuery } from '@tanstack/react-query'
import type { Cost } from './energy.ts'
import { reading } from './queries.ts'

export type HealthState = 'ok' | 'degraded' | 'down'

export interface LiveRequest {
  id: string
  model: string
  task: string
  principal: string
  started_at: string
  state: 'queued' | 'running'
  output_tokens: number
}

export interface LoadedModel {
  name: string
  hash: string
  engine: string
  memory_bytes: number
  active_requests: number
  last_used_at: string | null
}

export interface Overview {
  version: string
  started_at: string
  uptime_seconds: number
  health: { name: string; state: HealthState; detail: string | null }[]
  requests: {
    active: number
    queued: number
    completed_last_minute: number
    failed_last_minute: number
    live: LiveRequest[]
  }
  models_loaded: LoadedModel[]
  memory: { process_bytes: number; engines_bytes: number; budget_bytes: number }
  today: Cost & {
    requests: number
    failed: number
    input_tokens: number
    output_tokens: number
    cached_tokens: number
    pages: number
  }
  /** One value per minute of the last hour; `minutes` in seconds since 1970. */
  series: {
    minutes: number[]
    requests: number[]
    joules: number[]
    p95_ms: (number | null)[]
  }
}

/** The state of the house, read anew every two seconds while the page is in view. */
export function useOverview() {
  return useQuery({
    ...reading<Overview>('/v1/overview'),
    queryKey: ['overview'],
    refetchInterval: 2_000,
  })
}
