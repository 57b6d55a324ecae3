import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { query, request, send } from './client.ts'
import { call, onlyNewestMs, reading, useChange, useList } from './queries.ts'

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
  organisation: string
  records: number
  head: { seq: number; link: string; at: string } | null
  checkpoint: { seq: number; root: string; signed_at: string; key_fingerprint: string } | null
  public_key: string
  fingerprint: string
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
  subject?: string | null
  outcome?: string | null
  /** Moments, the second exclusive. */
  from?: string | null
  to?: string | null
  /** Show this record first, and older ones after it. */
  seq?: number | null
}

export const auditExportPath = '/v1/audit/export'

/** The export as it comes; it is never held whole. */
export async function openAuditExport(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  return (await send(auditExportPath, { signal })).body!
}

export const anchorPath = (id: string) => `/v1/audit/anchors/${id}`

export function useAuditStatus() {
  return useQuery({
    ...reading<AuditStatus>('/v1/audit/status'),
    queryKey: ['audit', 'status'],
  })
}

/** Audit records, newest first, from `seq` on where it is given. */
export function useAuditRecords({ seq, ...filter }: AuditFilter) {
  const pathOf = (before_seq?: number) => `/v1/audit${query({ limit: 50, before_seq, ...filter })}`
  const first = seq ? seq + 1 : undefined
  return useInfiniteQuery({
    queryKey: ['audit', 'records', seq, filter],
    queryFn: ({ pageParam, signal }) =>
      request<{ data: AuditRecord[]; next_before_seq: number | null }>(pathOf(pageParam), {
        signal,
      }),
    meta: { path: pathOf(first) },
    initialPageParam: first,
    getNextPageParam: (last) => last.next_before_seq ?? undefined,
    select: ({ pages }) => pages.flatMap((page) => page.data),
    refetchInterval: onlyNewestMs,
  })
}

export const useVerifyAudit = () =>
  useChange([], () => call<AuditVerification>('POST', '/v1/audit/verify'))

export interface Anchor {
  id: string
  kind: 'countersignature' | 'timestamp' | 'file'
  seq: number
  by: string
  at: string
}

export function useAnchors() {
  const anchors = useList<Anchor>(['audit', 'anchors'], '/v1/audit/anchors')
  // The newest say how far the chain is vouched for.
  return { ...anchors, data: anchors.data?.toReversed() }
}

export const useAnchorNow = () =>
  useChange(['audit'], () =>
    call<{ data: Anchor[]; failures: string[] }>('POST', '/v1/audit/anchors'),
  )
