import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from './client.ts'

export interface EgressRule {
  id: string
  host: string
  port: number
  allow_private: boolean
  created_at: string
  created_by: string
}

export interface Destination {
  host: string
  port: number
  outcome: 'allowed' | 'refused'
  reason: string
  purpose: string
  attempts: number
  first_at: string
  last_at: string
}

export function useEgressRules() {
  return useQuery({
    queryKey: ['egress', 'rules'],
    queryFn: ({ signal }) => request<{ data: EgressRule[] }>('/v1/egress/rules', { signal }),
    select: (answer) => answer.data,
  })
}

/** Every destination ever attempted, looked at again while the page is open. */
export function useDestinations() {
  return useQuery({
    queryKey: ['egress', 'destinations'],
    queryFn: ({ signal }) =>
      request<{ data: Destination[] }>('/v1/egress/destinations', { signal }),
    select: (answer) => answer.data,
    refetchInterval: 3_000,
  })
}

function useEgressChange<Variables, Answer>(mutationFn: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: () => client.invalidateQueries({ queryKey: ['egress'] }),
  })
}

export const useAllow = () =>
  useEgressChange((body: { host: string; port: number; allow_private: boolean }) =>
    request<EgressRule>('/v1/egress/rules', { method: 'POST', body }),
  )

export const useDisallow = () =>
  useEgressChange((id: string) => request<void>(`/v1/egress/rules/${id}`, { method: 'DELETE' }))
