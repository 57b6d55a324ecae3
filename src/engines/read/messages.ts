/** What the server process and a reading process say to each other; plain data, structured clone. */
import type { FailureCode } from '../../errors.ts'
import type { ReadPage } from '../contract.ts'
import type { FileKind } from './file-kind.ts'

export interface PageLimits {
  /** Pixels of one page image. */
  pixels: number
  pages: number
}

export type PageTask =
  | { type: 'count' }
  | { type: 'page'; index: number; languages: string[]; includeImage: boolean }

export interface ToReader {
  document: number
  kind: FileKind
  /** Sent with the first task of a document in this process. */
  bytes: Uint8Array | null
  task: PageTask
  limits: PageLimits
  /** Holds the trained data of all languages. */
  languageFolder: string
}

export type FromReader =
  | { type: 'count'; pageCount: number; cpuSeconds: number }
  | { type: 'page'; page: ReadPage; cpuSeconds: number }
  | { type: 'error'; code: FailureCode; message: string; cpuSeconds: number }
