/** What a document is to the reader, whatever its format. */
import type { ReadWord } from '../contract.ts'
import type { FileKind } from './file-kind.ts'
import type { PageLimits } from './messages.ts'
import { openPdf } from './pdf.ts'
import { openPicture } from './picture.ts'
import type { GreyImage } from './recognizer.ts'

export interface PageContent {
  width: number
  height: number
  dpi: number
  /** Words of a text layer that can be trusted; empty: the page is known to be empty. */
  words?: ReadWord[]
  /** What must be recognised, when there are no words. */
  grey?: GreyImage
  /** PNG, when it was asked for. */
  image?: Uint8Array
}

export interface OpenDocument {
  pageCount: number
  page(index: number, wantImage: boolean): Promise<PageContent>
  close(): void
}

export function openDocument(
  kind: FileKind,
  bytes: Uint8Array,
  limits: PageLimits,
): Promise<OpenDocument> {
  return kind === 'pdf' ? openPdf(bytes, limits) : openPicture(bytes, limits)
}
