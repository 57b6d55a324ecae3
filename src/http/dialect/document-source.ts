/** The `document` of an OCR request: a stored file, bytes in a data: URL, or an allowed address. */
import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import { discard, type Egress, readWhole } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import type { Files } from '../../store/files.ts'

const imageUrl = z.union([z.string(), z.looseObject({ url: z.string() })])

export const documentSchema = z.union([
  z.looseObject({
    type: z.literal('document_url').optional(),
    document_url: z.string(),
    document_name: z.string().nullish(),
  }),
  z.looseObject({ type: z.literal('image_url').optional(), image_url: imageUrl }),
  z.looseObject({ type: z.literal('file').optional(), file_id: z.string() }),
])

export interface DocumentSource {
  bytes: Uint8Array
  mimeType: string
}

const dataUrl = /^data:([\w.+-]+\/[\w.+-]+)?((?:;[\w=.+-]+)*),/

export async function readDocumentSource(
  document: z.infer<typeof documentSchema>,
  parts: { scope: Scope; files: Files; egress: Egress; limitBytes: number; signal: AbortSignal },
): Promise<DocumentSource> {
  if ('file_id' in document && typeof document.file_id === 'string') {
    const file = await parts.files.get(parts.scope, document.file_id)
    return { bytes: await parts.files.bytes(parts.scope, file.id), mimeType: file.mime_type }
  }
  const url = urlOf(document)
  const data = dataUrl.exec(url.slice(0, 500))
  if (data) {
    const base64 = data[2]!.endsWith(';base64')
    const text = url.slice(data[0].length)
    return {
      mimeType: data[1] ?? 'application/octet-stream',
      bytes: Buffer.from(base64 ? text : unescapeUrl(text), base64 ? 'base64' : 'utf8'),
    }
  }
  return fetchDocument(url, parts)
}

function unescapeUrl(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    throw new AppError('invalid_request', 'The data: URL holds an escape that is not valid.', {
      cause: error,
      param: 'document',
    })
  }
}

function urlOf(document: z.infer<typeof documentSchema>): string {
  if ('document_url' in document && typeof document.document_url === 'string') {
    return document.document_url
  }
  const { image_url: image } = document as { image_url: z.infer<typeof imageUrl> }
  return typeof image === 'string' ? image : image.url
}

/** Fetches an address through the egress guard, which refuses it unless a rule allows it. */
async function fetchDocument(
  url: string,
  parts: { egress: Egress; limitBytes: number; signal: AbortSignal },
): Promise<DocumentSource> {
  const response = await parts.egress.fetch(url, { purpose: 'document', signal: parts.signal })
  if (!response.ok) {
    discard(response)
    throw new AppError('upstream_failed', `The document's address answered ${response.status}.`)
  }
  const bytes = await readWhole(response, parts.limitBytes)
  const mimeType = response.headers.get('content-type')?.split(';')[0] ?? ''
  return { bytes, mimeType }
}
