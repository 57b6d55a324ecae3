import {
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query'
import { query, request } from './client.ts'
import type { EnergySource } from './energy.ts'
import { call, onlyNewestMs, reading, useChange } from './queries.ts'

export type DocumentStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
export type PageSource = 'text-layer' | 'recognition' | 'blank'

export interface Document {
  id: string
  name: string
  mime_type: string
  size_bytes: number
  created_at: string
  status: DocumentStatus
  page_count: number | null
  pages_done: number
  error: { code: string; message: string } | null
  /** 0 to 1, the mean over the words; null until a page is read. */
  confidence: number | null
  joules: number | null
  joules_source: EnergySource | null
  euros: number
  seconds: number
  model: string | null
}

export interface Word {
  text: string
  confidence: number
  /** left, top, right, bottom in pixels of the page image. */
  box: [number, number, number, number]
  line: number
  paragraph: number
}

export interface DocumentPage {
  index: number
  markdown: string
  width: number
  height: number
  dpi: number
  confidence: number | null
  source: PageSource
  words: Word[]
}

const pagePath = (id: string, index: number) =>
  `/v1/documents/${encodeURIComponent(id)}/pages/${index}`
export const pageImagePath = (id: string, index: number) => `${pagePath(id, index)}/image`
export const documentTextPath = (id: string, format: 'markdown' | 'text' | 'json') =>
  `/v1/documents/${encodeURIComponent(id)}/text?format=${format}`

export const isActive = (document: Document) =>
  document.status === 'queued' || document.status === 'running'

/** Pages done of all, 0 to 1; null while the number of pages is not known. */
export const shareDone = ({ page_count, pages_done }: Document): number | null =>
  page_count ? pages_done / page_count : null

interface DocumentList {
  data: Document[]
  next: string | null
}

/** All documents, newest first; read anew each second while one of them is being worked on. */
export function useDocuments() {
  return useInfiniteQuery({
    queryKey: ['documents', 'list'],
    queryFn: ({ pageParam, signal }) =>
      request<DocumentList>(`/v1/documents${query({ limit: 50, after: pageParam })}`, { signal }),
    meta: { path: '/v1/documents?limit=50' },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    select: ({ pages }) => pages.flatMap((page) => page.data),
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.data.some(isActive))
        ? 1_000
        : onlyNewestMs(query),
  })
}

export function useDocument(id: string) {
  return useQuery({
    ...reading<Document>(`/v1/documents/${encodeURIComponent(id)}`),
    queryKey: ['documents', 'one', id],
  })
}

/** One read page. A page already read never changes, so it is kept. */
export function useDocumentPage(id: string, index: number, ready: boolean) {
  return useQuery({
    ...reading<DocumentPage>(pagePath(id, index)),
    queryKey: ['documents', 'page', id, index],
    refetchInterval: false,
    enabled: ready,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })
}

export const useCancelDocument = () =>
  useChange(['documents'], (id: string) =>
    call<unknown>('POST', `/v1/documents/${encodeURIComponent(id)}/cancel`),
  )

export const useDeleteDocument = () =>
  useChange(['documents'], (id: string) =>
    call<void>('DELETE', `/v1/documents/${encodeURIComponent(id)}`),
  )

export function refreshDocuments(client: QueryClient) {
  return client.invalidateQueries({ queryKey: ['documents', 'list'] })
}
