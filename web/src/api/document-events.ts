import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { send } from './client.ts'
import { type Document, isActive, type PageSource, refreshDocuments } from './documents.ts'
import { readServerEvents } from './server-events.ts'

export interface PageEvent {
  index: number
  confidence: number | null
  source: PageSource
  width: number
  height: number
}

const reconnectMs = 1_000

/**
 * Follows a document while it is being read: writes each state into the query cache and returns the
 * pages read so far, by index. A broken stream is opened again until the document is final.
 */
export function useDocumentEvents(id: string, active: boolean): Map<number, PageEvent> {
  const client = useQueryClient()
  const [pages, setPages] = useState<Map<number, PageEvent>>(new Map())

  useEffect(() => {
    if (!active) return
    const stop = new AbortController()
    const follow = async (): Promise<boolean> => {
      const path = `/v1/documents/${encodeURIComponent(id)}/events`
      const response = await send(path, { signal: stop.signal })
      let final = false
      for await (const event of readServerEvents(response.body!)) {
        if (event.name === 'page') {
          const page = JSON.parse(event.data) as PageEvent
          setPages((known) => new Map(known).set(page.index, page))
        } else if (event.name === 'document') {
          const document = JSON.parse(event.data) as Document
          client.setQueryData(['documents', 'one', id], document)
          final = !isActive(document)
        }
      }
      return final
    }
    const run = async () => {
      while (!stop.signal.aborted) {
        const final = await follow().catch(() => false)
        if (final) break
        await new Promise((resolve) => setTimeout(resolve, reconnectMs))
        // Also the way out when the stream ended without its final event.
        await client.invalidateQueries({ queryKey: ['documents', 'one', id] })
      }
      await refreshDocuments(client)
    }
    void run()
    return () => stop.abort()
  }, [id, active, client])

  return pages
}
