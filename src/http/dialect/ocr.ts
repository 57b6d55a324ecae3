/** OCR requests and answers in the shape of Mistral's `/v1/ocr`. */
import { z } from 'zod'
import type { ReadPage, ReadRequest } from '../../engines/contract.ts'
import { AppError, assert } from '../../errors.ts'
import type { Call, Receipt } from '../../inference/door.ts'
import type { Work } from './answers.ts'
import { type DocumentSource, documentSchema } from './document-source.ts'
import { receiptBody } from './usage.ts'

export const ocrRequestSchema = z.looseObject({
  model: z.string().min(1).nullish(),
  document: documentSchema,
  /** Page numbers from 0: a list, or a text such as "0-5,7". */
  pages: z.union([z.array(z.number().int().min(0)).max(1000), z.string().max(5000)]).nullish(),
  confidence_scores_granularity: z.enum(['page', 'block', 'word']).nullish(),
  include_blocks: z.boolean().nullish(),
  include_image_base64: z.boolean().nullish(),
  /** Bastide's own: ISO 639-3 codes of the languages on the page. */
  languages: z
    .array(z.string().regex(/^[a-z_]{3,12}$/))
    .max(8)
    .nullish(),
  bbox_annotation_format: z.unknown().optional(),
  document_annotation_format: z.unknown().optional(),
})

export type OcrRequestBody = z.infer<typeof ocrRequestSchema>

export const defaultReader = 'reader'

/** `[0,2,3,4]` from "0,2-4". */
function parsePages(pages: OcrRequestBody['pages']): number[] | undefined {
  if (pages == null) return undefined
  if (Array.isArray(pages)) return pages
  const list: number[] = []
  for (const part of pages.split(',')) {
    const match = /^\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*$/.exec(part)
    const [first, last] = match ? [Number(match[1]), Number(match[2] ?? match[1])] : [1, 0]
    if (first > last || last - first > 1000 || list.length > 1000) {
      throw new AppError(
        'invalid_request',
        `pages "${pages.slice(0, 100)}" is no list like 0-5,7.`,
        {
          param: 'pages',
        },
      )
    }
    for (let page = first; page <= last; page++) list.push(page)
  }
  return list
}

function toReadRequest(body: OcrRequestBody, source: DocumentSource): ReadRequest {
  if (body.bbox_annotation_format || body.document_annotation_format) {
    throw new AppError(
      'unsupported',
      'Annotations need a vision model and are not served yet; leave out the annotation formats.',
      { param: 'document_annotation_format' },
    )
  }
  const pages = parsePages(body.pages)
  return {
    task: 'read',
    bytes: source.bytes,
    mimeType: source.mimeType,
    ...(pages && { pages }),
    ...(body.languages && { languages: body.languages }),
  }
}

export async function answerOcr(work: Work, body: OcrRequestBody, source: DocumentSource) {
  const pages: ReadPage[] = []
  let receipt: Receipt | null = null
  const bodyOf = () => ({
    pages: pages.map((page) => pageBody(page, body)),
    model: work.context.model,
    document_annotation: null,
    usage_info: { pages_processed: pages.length, doc_size_bytes: source.bytes.length },
  })
  const { item, ...context } = work.context
  const call: Call = { ...context, request: toReadRequest(body, source) }
  if (item) call.item = { ...item, result: bodyOf }
  for await (const event of work.door.run(work.scope, call, work.signal)) {
    if (event.type === 'page') pages.push(event.page)
    if (event.type === 'booked') receipt = event.receipt
  }
  assert(receipt, 'a call that ended without an error was booked')
  return { ...bodyOf(), bastide: receiptBody([receipt]) }
}

function pageBody(page: ReadPage, body: OcrRequestBody) {
  const granularity = body.confidence_scores_granularity
  return {
    index: page.index,
    markdown: page.markdown,
    images: [],
    tables: [],
    hyperlinks: [],
    header: null,
    footer: null,
    dimensions: { dpi: page.dpi, height: page.heightPixels, width: page.widthPixels },
    ...(granularity && { confidence_scores: confidenceBody(page, granularity === 'word') }),
    ...(body.include_blocks && { blocks: blocksOf(page) }),
    source: page.source,
  }
}

function confidenceBody(page: ReadPage, words: boolean) {
  const scores = page.words.map((word) => word.confidence)
  let startIndex = 0
  return {
    average_page_confidence_score: page.confidence ?? 1,
    minimum_page_confidence_score: scores.length > 0 ? Math.min(...scores) : 1,
    word_confidence_scores: words
      ? page.words.map((word) => {
          const at = page.markdown.indexOf(word.text, startIndex)
          if (at >= 0) startIndex = at + word.text.length
          return { text: word.text, confidence: word.confidence, start_index: Math.max(at, 0) }
        })
      : null,
  }
}

/** One text block per paragraph, with the box around its words. */
function blocksOf(page: ReadPage) {
  const paragraphs = Map.groupBy(page.words, (word) => word.paragraph)
  return [...paragraphs.values()].map((words) => ({
    type: 'text',
    content: words.map((word) => word.text).join(' '),
    top_left_x: Math.min(...words.map((word) => word.box[0])),
    top_left_y: Math.min(...words.map((word) => word.box[1])),
    bottom_right_x: Math.max(...words.map((word) => word.box[2])),
    bottom_right_y: Math.max(...words.map((word) => word.box[3])),
  }))
}
