import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { AuditRecord } from './audit.ts'
import { request } from './client.ts'

export const retentionKinds = ['files', 'documents', 'batches', 'responses'] as const
export type RetentionKind = (typeof retentionKinds)[number]

export interface RetentionRule {
  kind: RetentionKind
  days: number
  changed_at: string
}

export interface Webhook {
  id: string
  url: string
  events: string[]
  created_at: string
}

export interface Delivery {
  id: string
  event: string
  status: 'pending' | 'delivered' | 'failed'
  attempts: number
  last_error: string | null
  created_at: string
}

export function useRetention() {
  return useQuery({
    queryKey: ['retention'],
    queryFn: ({ signal }) => request<{ data: RetentionRule[] }>('/v1/retention', { signal }),
    select: (answer) => answer.data,
  })
}

export function useSetRetention() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { kind: RetentionKind; days: number | null }) =>
      request<RetentionRule>('/v1/retention', { method: 'PUT', body }),
    // What is over age has just been removed: lists of it are out of date.
    onSuccess: () => client.invalidateQueries(),
  })
}

export function useWebhooks() {
  return useQuery({
    queryKey: ['webhooks'],
    queryFn: ({ signal }) => request<{ data: Webhook[] }>('/v1/webhooks', { signal }),
    select: (answer) => answer.data,
  })
}

/** What was sent to a webhook lately, looked at again while it is open. */
export function useDeliveries(id: string) {
  return useQuery({
    queryKey: ['webhooks', id, 'deliveries'],
    queryFn: ({ signal }) =>
      request<{ data: Delivery[] }>(`/v1/webhooks/${id}/deliveries`, { signal }),
    select: (answer) => answer.data,
    refetchInterval: 3_000,
  })
}

function useWebhookChange<Variables, Answer>(
  mutationFn: (variables: Variables) => Promise<Answer>,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  })
}

export const useAddWebhook = () =>
  useWebhookChange((body: { url: string; events: string[] }) =>
    request<Webhook & { secret: string }>('/v1/webhooks', { method: 'POST', body }),
  )

export const useTestWebhook = () =>
  useWebhookChange((id: string) => request<Delivery>(`/v1/webhooks/${id}/test`, { method: 'POST' }))

export const useRemoveWebhook = () =>
  useWebhookChange((id: string) => request<void>(`/v1/webhooks/${id}`, { method: 'DELETE' }))

/** When backups were made, newest first, as the audit log has it. */
export function useBackups() {
  return useQuery({
    queryKey: ['audit', 'backups'],
    queryFn: ({ signal }) =>
      request<{ data: AuditRecord[] }>('/v1/audit?kind=backup.create&limit=20', { signal }),
    select: (answer) => answer.data,
  })
}
