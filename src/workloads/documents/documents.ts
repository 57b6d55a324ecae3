/**
 * Documents: a file goes in, a durable run reads it page by page through the one door, and the
 * pages with their words, boxes and confidences are kept sealed with the file.
 */

import type { Scope } from '../../access/scope.ts'
import { type UsageSums, usageOfRun } from '../../compute/ledger/usage.ts'
import type { ReadPage } from '../../engines/contract.ts'
import { AppError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Door } from '../../inference/door.ts'
import { type Blobs, putBytes, readBlob } from '../../store/blobs.ts'
import type { Also, Database, DatabaseTransaction } from '../../store/database.ts'
import type { Keyring } from '../../store/keyring.ts'
import type { Page, PageWish } from '../../store/paging.ts'
import type { Run, Runs } from '../../store/runs.ts'

export const documentKind = 'document'

export interface DocumentInput {
  /** Address of the original's blob under the document's own key. */
  blob: string
  name: string
  mimeType: string
  sizeBytes: number
  model: string
  languages?: string[] | undefined
}

/** What a page's row holds; its words and picture are blobs. */
export interface StoredPage {
  index: number
  confidence: number | null
  source: ReadPage['source']
  width: number
  height: number
  words: number
  content: string
  image: string | null
}

export type PageContent = Omit<ReadPage, 'image'>

export interface DocumentsParts {
  db: Database
  door: Door
  runs: Runs
  blobs: Blobs
  keyring: Keyring
}

export interface NewDocument extends Pick<DocumentInput, 'name' | 'mimeType'> {
  content: AsyncIterable<Uint8Array>
  limitBytes: number
  /** Asked for when the content is stored: in an upload it may stand behind it. */
  how: () => Promise<Pick<DocumentInput, 'model' | 'languages'>>
}

export interface DocumentView {
  run: Run
  input: DocumentInput
  pages: StoredPage[]
  usage: UsageSums
}

export type Documents = ReturnType<typeof createDocuments>

export function createDocuments(parts: DocumentsParts) {
  const { db, door, runs, blobs, keyring } = parts

  /** Every document has a key of its own: removing the document destroys it. */
  const subjectOf = (id: string) => `document:${id}`
  const keyOf = (scope: Scope, id: string) => keyring.dataKey(scope.workspaceId, subjectOf(id))

  async function destroyKeys(
    transaction: DatabaseTransaction,
    workspaceId: string,
    ids: readonly string[],
  ): Promise<void> {
    const keyIds = await keyring.destroy(transaction, workspaceId, ids.map(subjectOf))
    await blobs.dropAll(transaction, keyIds)
  }

  async function view(scope: Scope, run: Run): Promise<DocumentView> {
    const items = await runs.items(run.id)
    return {
      run,
      input: run.input as DocumentInput,
      pages: items.map((item) => item.result as StoredPage),
      usage: await usageOfRun(db, scope, run.id),
    }
  }

  async function pageBlob(scope: Scope, id: string, index: number, field: 'content' | 'image') {
    const run = await runs.get(scope, documentKind, id)
    const item = (await runs.items(run.id)).find((one) => one.item === index)
    const address = item && (item.result as StoredPage)[field]
    if (!address) {
      throw new AppError('not_found', `Document ${id} has no page ${index} that was read.`)
    }
    return readBlob(blobs, await keyOf(scope, id), address)
  }

  /** Reads what is left of a document. Runs again from its last stored page after a kill. */
  async function read(run: Run, scope: Scope, signal: AbortSignal): Promise<void> {
    const input = run.input as DocumentInput
    const key = await keyOf(scope, run.id)
    const bytes = await readBlob(blobs, key, input.blob)
    const stored = new Set((await runs.items(run.id)).map((item) => item.item))
    const left = missingPages(run, stored)
    if (left?.length === 0) return
    const call = {
      model: input.model,
      requestId: run.id,
      run: run.id,
      priority: 'batch' as const,
      request: {
        task: 'read' as const,
        bytes,
        mimeType: input.mimeType,
        includePageImages: true,
        ...(input.languages && { languages: input.languages }),
        ...(left && { pages: left }),
      },
    }
    for await (const event of door.run(scope, call, signal)) {
      if (event.type === 'page-start') await runs.progress(run.id, stored.size, event.pageCount)
      if (event.type !== 'page') continue
      const { image, ...content } = event.page
      const words = await putBytes(blobs, key, Buffer.from(JSON.stringify(content)))
      const picture = image ? await putBytes(blobs, key, image) : null
      const page: StoredPage = {
        index: content.index,
        confidence: content.confidence,
        source: content.source,
        width: content.widthPixels,
        height: content.heightPixels,
        words: content.words.length,
        content: words.address,
        image: picture?.address ?? null,
      }
      const addresses = picture ? [words.address, picture.address] : [words.address]
      await runs.putItem(
        run.id,
        { index: page.index, status: 'done', result: page },
        (transaction) => blobs.keep(transaction, key, ...addresses),
      )
      stored.add(page.index)
      await runs.progress(run.id, stored.size, event.pageCount)
    }
  }

  return {
    read,
    async create(scope: Scope, document: NewDocument, also?: Also<Run>): Promise<DocumentView> {
      const id = newId('doc')
      const { content, limitBytes, how, ...described } = document
      const key = await keyOf(scope, id)
      const blob = await blobs.put(key, content, limitBytes)
      const keep: Also<Run> = async (transaction, run) => {
        await blobs.keep(transaction, key, blob.address)
        await also?.(transaction, run)
      }
      try {
        const input: DocumentInput = {
          ...described,
          ...(await how()),
          blob: blob.address,
          sizeBytes: blob.sizeBytes,
        }
        return await view(scope, await runs.create(scope, { kind: documentKind, input, id }, keep))
      } catch (error) {
        await blobs.discard(key, blob.address)
        throw error
      }
    },
    async get(scope: Scope, id: string): Promise<DocumentView> {
      return view(scope, await runs.get(scope, documentKind, id))
    },
    async list(scope: Scope, wish: PageWish): Promise<Page<DocumentView>> {
      const { rows, hasMore } = await runs.list(scope, { kind: documentKind, ...wish })
      return { rows: await Promise.all(rows.map((run) => view(scope, run))), hasMore }
    },
    async cancel(scope: Scope, id: string, also?: Also<Run>): Promise<DocumentView> {
      return view(scope, await runs.cancel(scope, documentKind, id, also))
    },
    /** Removes the document: its key is destroyed, and with it every copy of its contents. */
    async remove(scope: Scope, id: string, also: Also<Run>): Promise<void> {
      await runs.get(scope, documentKind, id)
      await runs.remove(scope, documentKind, id, async (transaction, run) => {
        await destroyKeys(transaction, scope.workspaceId, [id])
        await also(transaction, run)
      })
      await blobs.settle()
    },
    /** Removes documents of a workspace that were read before a time; tells how many. */
    async expire(workspaceId: string, before: Date, also: Also<number>): Promise<void> {
      await runs.expire(workspaceId, documentKind, before, async (transaction, expired) => {
        const ids = expired.map(({ id }) => id)
        await destroyKeys(transaction, workspaceId, ids)
        await also(transaction, ids.length)
      })
      await blobs.settle()
    },
    async page(scope: Scope, id: string, index: number): Promise<PageContent> {
      return JSON.parse((await pageBlob(scope, id, index, 'content')).toString())
    },
    async pageImage(scope: Scope, id: string, index: number): Promise<Buffer> {
      return pageBlob(scope, id, index, 'image')
    },
  }
}

/** Pages not yet stored; undefined while nobody knows how many there are. */
function missingPages(run: Run, stored: ReadonlySet<number>): number[] | undefined {
  if (run.progress_total === null) return undefined
  const all = Array.from({ length: run.progress_total }, (_, index) => index)
  return all.filter((index) => !stored.has(index))
}
