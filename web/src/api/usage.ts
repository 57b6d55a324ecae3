import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { query, request } from './client.ts'
import type { Cost } from './energy.ts'
import { call, onlyNewestMs, reading, useChange, useList } from './queries.ts'

export type UsageGroup = 'day' | 'hour' | 'model' | 'key' | 'member' | 'task' | 'workspace'

export interface UsageSums extends Cost {
  requests: number
  failed: number
  input_tokens: number
  output_tokens: number
  cached_tokens: number
  pages: number
  queue_seconds: number
  run_seconds: number
}

export type UsageRow = UsageSums &
  Partial<Record<UsageGroup | 'key_name' | 'member_name' | 'workspace_name', string | null>>

export interface Usage {
  from: string
  to: string
  group_by: string | string[]
  data: UsageRow[]
  total: UsageSums
  assumptions: {
    power_model: { name: string; detail: string | null }
    grams_co2e_per_kwh: number
    carbon_source: string
    euros_per_kwh: number
  }
}

export interface UsageRange {
  from: string
  to: string
}

export interface UsageEntry extends Cost {
  id: string
  at: string
  call_id: string
  model: string
  task: string
  key_name: string | null
  input_tokens: number
  output_tokens: number
  cached_tokens: number
  pages: number
  queue_seconds: number
  run_seconds: number
  cpu_seconds: number | null
  status: string
  audit_seq: number | null
}

export interface Limit {
  id: string
  subject_kind: 'key' | 'member' | 'workspace'
  subject_id: string
  subject_name: string | null
  metric: 'requests' | 'tokens' | 'euros' | 'joules'
  window: 'minute' | 'hour' | 'day' | 'month' | 'total'
  amount: number
  used: number
  reserved: number
  resets_at: string | null
}

export type UsageAcross = 'workspace' | 'organisation'

export interface UsageQuestion extends UsageRange {
  groups: UsageGroup[]
  across: UsageAcross
}

export function usagePath({ groups, ...question }: UsageQuestion, format?: 'csv'): string {
  return `/v1/usage${query({ ...question, group_by: groups.join(','), format })}`
}

export function useUsage(question: UsageQuestion) {
  return useQuery({
    ...reading<Usage>(usagePath(question)),
    queryKey: ['usage', question],
    // A sum over months is no matter of seconds.
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  })
}

/** Ledger entries, newest first. */
export function useUsageEntries(filter: { model?: string | null; key?: string | null }) {
  const pathOf = (before?: string) => `/v1/usage/entries${query({ limit: 100, before, ...filter })}`
  return useInfiniteQuery({
    queryKey: ['usage', 'entries', filter],
    queryFn: ({ pageParam, signal }) =>
      request<{ data: UsageEntry[]; next: string | null }>(pathOf(pageParam), { signal }),
    meta: { path: pathOf() },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    select: ({ pages }) => pages.flatMap((page) => page.data),
    refetchInterval: onlyNewestMs,
  })
}

/** The latest entry, if there is one: whether anything was ever called. */
export const useFirstCall = (enabled: boolean) =>
  useList<UsageEntry>(['usage', 'first'], '/v1/usage/entries?limit=1', { enabled })

export const useLimits = () => useList<Limit>('limits', '/v1/limits')

export interface NewLimit extends Pick<Limit, 'subject_kind' | 'metric' | 'window' | 'amount'> {
  /** Absent: this workspace. */
  subject_id?: string
}

export const useSetLimit = () =>
  useChange(['limits'], (body: NewLimit) => call<Limit>('POST', '/v1/limits', body))

export const useRemoveLimit = () =>
  useChange(['limits'], (id: string) => call<void>('DELETE', `/v1/limits/${id}`))
