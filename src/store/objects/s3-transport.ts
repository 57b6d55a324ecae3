/** Carries the AWS SDK's requests through the egress guard: the SDK opens no connection itself. */
import { buildQueryString, type HttpHandler, HttpResponse } from '@smithy/core/protocols'
import type { Egress, EgressRequest } from '../../egress.ts'

export const blobsPurpose = 'blobs'

/** Headers that the connection sets itself. */
const ownHeaders = new Set(['host', 'content-length', 'expect'])

/**
 * Whether the store closed a connection that was kept open, just when it was used again. The SDK tries
 * again after that, but knows it by Node's name only. All of its requests may be sent twice.
 */
const hungUp = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'UND_ERR_SOCKET'

export function guardedTransport(egress: Egress, silenceMaxMs: number): HttpHandler {
  return {
    async handle(request, { abortSignal } = {}) {
      const { protocol, hostname, port, path, method, body } = request
      const query = buildQueryString(request.query)
      const url = `${protocol}//${hostname}${port ? `:${port}` : ''}${path}${query && `?${query}`}`
      const headers = Object.entries(request.headers).filter(
        ([name]) => !ownHeaders.has(name.toLowerCase()),
      )
      const answer = await egress
        .fetch(url, {
          purpose: blobsPurpose,
          method: method as NonNullable<EgressRequest['method']>,
          headers: Object.fromEntries(headers),
          ...(body !== undefined && { body }),
          ...(abortSignal && { signal: abortSignal as AbortSignal }),
          silenceMaxMs,
        })
        .catch((error) => {
          throw hungUp(error) ? Object.assign(error, { code: 'ECONNRESET' }) : error
        })
      return {
        response: new HttpResponse({
          statusCode: answer.status,
          headers: Object.fromEntries(answer.headers),
          body: answer.body,
        }),
      }
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  }
}
