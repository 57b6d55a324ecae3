import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { query, request } from './client.ts'

export interface AuditRecord {
  seq: number
  at: string
  kind: string
  actor: { kind: string; id: string; name: string | null }
  subject: { kind: string; id: string } | null
  outcome: 'ok' | 'failed' | 'refused'
  details: Record<string, unknown>
  digest: string
  link: string
}

export interface AuditStatus {
  records: number
  head: { seq: number; link: string; at: string } | null
  checkpoint: { seq: number; root: string; signed_at: string; key_fingerprint: string } | null
  public_key: string
}

export interface AuditVerification {
  intact: boolean
  records: number
  checkpoints: number
  problem: {
    seq: number
    kind: 'changed' | 'removed' | 'added' | 'reordered' | 'checkpoint' | 'anchor'
    message: string
  } | null
  seconds: number
}

export interface AuditFilter {
  kind?: string | null
  actor?: string | null
  /** Show this record first, and older ones after it. */
  seq?: number | null
}

export const auditExportPath = '/v1/audit/export'

export function useAuditStatus() {
  return useQuery({
    queryKey: ['audit', 'status'],
    queryFn: ({ signal }) => request<AuditStatus>('/v1/audit/status', { signal }),
    refetchInterval: 10_000,
  })
}

/** Audit records, newest first, from `seq` on where it is given. */
export function useAuditRecords(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ['audit', 'records', filter],
    queryFn: ({ pageParam, signal }) =>
      request<{ data: AuditRecord[]; next_before_seq: number | null }>(
        `/v1/audit${query({
          limit: 50,
          before_seq: pageParam,
          kind: filter.kind,
          actor: filter.actor,
        })}`,
        { signal },
      ),
    initialPageParam: filter.seq ? filter.seq + 1 : undefined,
    getNextPageParam: (last) => last.next_before_seq ?? undefined,
    select: ({ pages }) => pages.flatMap((page) => page.data),
  })
}

export function useVerifyAudit() {
  return useMutation({
    mutationFn: () => request<AuditVerification>('/v1/audit/verify', { method: 'POST' }),
  })
}

export interface Anchor {
  id: string
  kind: 'countersignature' | 'timestamp' | 'file'
  seq: number
  by: string
  at: string
}

export function useAnchors() {
  return useQuery({
    queryKey: ['audit', 'anchors'],
    queryFn: ({ signal }) => request<{ data: Anchor[] }>('/v1/audit/anchors', { signal }),
    // The newest say how far the chain is vouched for.
    select: (answer) => answer.data.toReversed(),
  })
}

export function useAnchorNow() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () =>
      request<{ data: Anchor[]; failures: string[] }>('/v1/audit/anchors', { method: 'POST' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['audit'] }),
  })
}
