import type { AuditRecord } from './audit.ts'
import { call, useChange, useList } from './queries.ts'

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

export const useRetention = () => useList<RetentionRule>('retention', '/v1/retention')

/** What is over age is removed at once: any list may be out of date. */
export const useSetRetention = () =>
  useChange('all', (body: { kind: RetentionKind; days: number | null }) =>
    call<RetentionRule>('PUT', '/v1/retention', body),
  )

export const useWebhooks = () => useList<Webhook>('webhooks', '/v1/webhooks')

/** What was sent to a webhook lately. */
export const useDeliveries = (id: string) =>
  useList<Delivery>(['webhooks', id, 'deliveries'], `/v1/webhooks/${id}/deliveries`, {
    interval: 3_000,
  })

export const useAddWebhook = () =>
  useChange(['webhooks'], (body: { url: string; events: string[] }) =>
    call<Webhook & { secret: string }>('POST', '/v1/webhooks', body),
  )

export const useTestWebhook = () =>
  useChange(['webhooks'], (id: string) => call<Delivery>('POST', `/v1/webhooks/${id}/test`))

export const useRemoveWebhook = () =>
  useChange(['webhooks'], (id: string) => call<void>('DELETE', `/v1/webhooks/${id}`))

/** When backups were made, newest first, as the audit log has it. */
export const useBackups = (enabled = true) =>
  useList<AuditRecord>(['audit', 'backups'], '/v1/audit?kind=backup.create&limit=20', { enabled })

export const backupCall = call<Blob>('POST', '/v1/backups')
