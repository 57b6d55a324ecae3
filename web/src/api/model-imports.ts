import { call, useChange, useList } from './queries.ts'

/** What an import is asked for: where from, and what a person says of it. */
export interface ImportWish {
  source: string
  endpoint?: string
  secret?: string
  sha256?: string
  name?: string
  alias?: string
  task?: 'generate' | 'embed' | 'tensor'
  purpose?: string
  licence?: string
  maker?: string
  country?: string
}

export interface ModelImport {
  id: string
  source: string
  wish: Omit<ImportWish, 'source'>
  alias: string | null
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  done_bytes: number
  total_bytes: number | null
  package: string | null
  origin: { url: string; revision: string } | null
  error: { code: string; message: string } | null
  created_at: string
  started_at: string | null
  finished_at: string | null
}

export interface Quarantined {
  id: string
  name: string
  source: string
  sha256: string
  size_bytes: number
  reason: string
  created_at: string
}

/** Imports, newest first. `interval`: shorter where somebody watches them come in. */
export const useModelImports = (interval?: number) =>
  useList<ModelImport>('model-imports', '/v1/model-imports', interval ? { interval } : {})

export const useStartImport = () =>
  useChange(['model-imports'], (wish: ImportWish) =>
    call<ModelImport>('POST', '/v1/model-imports', wish),
  )

export const useCancelImport = () =>
  useChange(['model-imports'], (id: string) =>
    call<ModelImport>('POST', `/v1/model-imports/${id}/cancel`),
  )

export const useQuarantine = () => useList<Quarantined>('quarantine', '/v1/quarantine')

export const useRemoveQuarantined = () =>
  useChange(['quarantine'], (id: string) => call<void>('DELETE', `/v1/quarantine/${id}`))
