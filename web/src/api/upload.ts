import { errorFrom, unreachable } from './client.ts'

/** What is sent: a form, or a file whose bytes are the body. */
export interface Upload {
  path: string
  body: FormData | File
  /** Media type of a file; a form brings its own. */
  type?: string
}

/**
 * Uploads a file and answers with what the server says of it. XMLHttpRequest, because fetch does not tell
 * how far an upload has come. `onProgress` gets the share sent, 0 to 1.
 */
export function upload<Answer>(
  { path, body, type }: Upload,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    if (type) request.setRequestHeader('content-type', type)
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total)
    }
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(JSON.parse(request.responseText) as Answer)
      } else {
        const requestId = request.getResponseHeader('x-request-id')
        reject(errorFrom(request.status, request.responseText, requestId))
      }
    }
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(body)
  })
}
