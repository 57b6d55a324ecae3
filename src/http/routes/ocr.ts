/** Reading pages: the call in Mistral's shape, and documents as durable runs for the console. */
import { z } from 'zod'
import type { Egress } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import type { Door } from '../../inference/door.ts'
import type { Files } from '../../store/files.ts'
import { readDocumentSource } from '../dialect/document-source.ts'
import { answerOcr, defaultReader, ocrRequestSchema } from '../dialect/ocr.ts'
import { type Route, route } from '../route.ts'

export interface OcrRouteParts {
  door: Door
  files: Files
  egress: Egress
  fileLimitBytes: number
}

export function ocrRoutes({ door, files, egress, fileLimitBytes }: OcrRouteParts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/ocr',
      guard: 'inference:use',
      summary: 'Read the pages of a PDF or image',
      tag: 'Documents',
      body: ocrRequestSchema,
      response: z.looseObject({ pages: z.array(z.unknown()), model: z.string() }),
      handler: async ({ scope, body, signal, requestId, dataClass, trace }) => {
        if (!scope.permissions.has('files:read') && 'file_id' in body.document) {
          throw new AppError('forbidden', 'Reading a stored file needs the permission files:read.')
        }
        const sourceParts = { scope, files, egress, limitBytes: fileLimitBytes, signal }
        const source = await readDocumentSource(body.document, sourceParts)
        const context = { model: body.model ?? defaultReader, requestId, dataClass, trace }
        return answerOcr({ door, scope, context, signal }, body, source)
      },
    }),
  ]
}
