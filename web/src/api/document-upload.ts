import { errorFrom, unreachable } from './client.ts'
import type { Document } from './documents.ts'

/**
 * Uploads one file. XMLHttpRequest, because fetch does not tell how far an upload has come.
 * `onProgress` gets the share sent, 0 to 1.
 */
export function uploadDocument(
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Document> {
  return new Promise((resolve, reject) => {
    const upload = new XMLHttpRequest()
    const form = new FormData()
    form.set('file', file, file.name)
    upload.open('POST', '/v1/documents')
    upload.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total)
    }
    upload.onload = () => {
      if (upload.status >= 200 && upload.status < 300) {
        resolve(JSON.parse(upload.responseText) as Document)
      } else {
        const requestId = upload.getResponseHeader('x-request-id')
        reject(errorFrom(upload.status, upload.responseText, requestId))
      }
    }
    upload.onerror = () => reject(unreachable())
    upload.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'))
    signal.addEventListener('abort', () => upload.abort(), { once: true })
    upload.send(form)
  })
}
