/** Reads a multipart form whose one file is streamed, never held in memory. */
import type { Readable } from 'node:stream'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { AppError } from '../errors.ts'

export interface UploadedFile {
  name: string
  mimeType: string
  /** Ends only when the whole form has arrived, and throws when it is malformed or cut off. */
  content: AsyncIterable<Uint8Array>
}

const fieldLimitBytes = 64 * 1024

/**
 * Calls `store` with the form's file while it arrives. The SDKs send the text fields before or after
 * it: `fields` resolves when all have come, which is not before the file's content was read.
 */
export async function readUpload<T>(
  { request, content, signal }: { request: Request; content: Readable; signal: AbortSignal },
  store: (file: UploadedFile, fields: () => Promise<ReadonlyMap<string, string>>) => Promise<T>,
): Promise<T> {
  const contentType = request.headers.get('content-type') ?? ''
  if (!contentType.startsWith('multipart/form-data')) {
    throw new AppError(
      'invalid_request',
      'Send the file as multipart/form-data in the field "file".',
    )
  }
  const fields = new Map<string, string>()
  let storing: Promise<T> | null = null
  let arriving: Readable | null = null
  const parser = makeParser(contentType)
  async function* wholeFile(file: Readable): AsyncGenerator<Uint8Array> {
    yield* file
    await parsed
  }
  const parsed = new Promise<void>((resolve, reject) => {
    const malformed = (error: unknown) =>
      reject(
        new AppError('invalid_request', 'The form is malformed or was cut off.', { cause: error }),
      )
    parser.on('field', (name, value) => fields.set(name, value))
    parser.on('file', (_field, file, name, _encoding, mimeType) => {
      if (storing) {
        file.resume()
        reject(new AppError('invalid_request', 'The form has more than one file.'))
        return
      }
      arriving = file as Readable
      arriving.on('error', malformed)
      const named = { name: cleanName(name), mimeType }
      const content = wholeFile(arriving)
      storing = store({ ...named, content }, () => parsed.then(() => fields))
      storing.catch(reject)
    })
    parser.on('finish', resolve)
    parser.on('error', malformed)
    content.on('error', malformed)
    // Whoever loses their access meanwhile puts nothing in any more.
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    content.on('close', () => {
      if (!content.readableEnded) malformed(new Error('the connection closed'))
    })
  })
  content.pipe(parser)
  try {
    await parsed
    if (!storing) throw new AppError('invalid_request', 'The form has no file in the field "file".')
    return await storing
  } catch (error) {
    // Whoever stores the file waits for the rest of it, which will not come; nothing of it is kept.
    ;(arriving as Readable | null)?.destroy(new Error('the form has failed'))
    await Promise.allSettled([storing])
    throw error
  } finally {
    // What is left of the body is drained after the answer.
    content.unpipe(parser)
    parser.destroy()
  }
}

function makeParser(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { files: 2, fields: 50, fieldSize: fieldLimitBytes, parts: 52, headerPairs: 50 },
    })
  } catch (error) {
    throw new AppError('invalid_request', 'The multipart header names no boundary.', {
      cause: error,
    })
  }
}

/** A display name: the last path segment without control characters. It never becomes a path. */
function cleanName(name: string | undefined): string {
  const last = (name ?? '').split(/[\\/]/).at(-1) ?? ''
  const printable = [...last].filter((character) => character.charCodeAt(0) >= 32).join('')
  return printable.slice(0, 200) || 'unnamed'
}
