import { useQueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { refreshDocuments } from '../../api/documents.ts'
import { upload as send } from '../../api/upload.ts'

export interface Upload {
  id: number
  file: File
  /** 0 to 1. */
  share: number
  error: unknown
  stop: AbortController
}

export interface Uploads {
  list: readonly Upload[]
  add: (files: Iterable<File>) => void
  retry: (upload: Upload) => void
  dismiss: (upload: Upload) => void
}

/** More at once only share the same line. */
const parallel = 3

/** Kept outside React, so that uploads go on while another page is looked at. */
let list: readonly Upload[] = []
let lastId = 0
const waiting: (() => Promise<void>)[] = []
let running = 0
const listeners = new Set<() => void>()

function change(next: readonly Upload[]) {
  list = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function update(id: number, values: Partial<Upload>) {
  change(list.map((upload) => (upload.id === id ? { ...upload, ...values } : upload)))
}

function remove(id: number) {
  change(list.filter((upload) => upload.id !== id))
}

async function runNext() {
  const next = running < parallel ? waiting.shift() : undefined
  if (!next) return
  running += 1
  await next()
  running -= 1
  void runNext()
}

/** Files on their way to the server. One that has arrived leaves this list for that of documents. */
export function useUploads(): Uploads {
  const client = useQueryClient()
  const start = (file: File) => {
    lastId += 1
    const upload: Upload = { id: lastId, file, share: 0, error: null, stop: new AbortController() }
    change([...list, upload])
    waiting.push(async () => {
      if (upload.stop.signal.aborted) return
      try {
        const body = new FormData()
        body.set('file', file, file.name)
        const progress = (share: number) => update(upload.id, { share })
        await send({ path: '/v1/documents', body }, progress, upload.stop.signal)
        await refreshDocuments(client)
        remove(upload.id)
      } catch (error) {
        if (!upload.stop.signal.aborted) update(upload.id, { error })
      }
    })
    void runNext()
  }
  return {
    list: useSyncExternalStore(subscribe, () => list),
    add: (files) => {
      for (const file of files) start(file)
    },
    retry: (upload) => {
      remove(upload.id)
      start(upload.file)
    },
    dismiss: (upload) => {
      upload.stop.abort()
      remove(upload.id)
    },
  }
}
