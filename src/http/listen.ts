/**
 * The listening socket: Node's HTTP with limits of size and time, and answers in the API's own form
 * where a request is so malformed that no route ever sees it.
 */
import { createServer, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Log } from '../log.ts'
import { errorBody, errorResponse } from './errors.ts'

type Fetch = Parameters<typeof getRequestListener>[0]

const limits = {
  // A client that sends its headers or body drop by drop is cut off.
  headersTimeout: 15_000,
  requestTimeout: 600_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
  // Its absence is refused with the other Host checks, in words.
  requireHostHeader: false,
}

export function listen(fetch: Fetch, config: Config, log: Log): Promise<Server> {
  const listener = getRequestListener(fetch, {
    hostname: config.host,
    errorHandler: (error) => refuseRequest(error, log),
  })
  const server = createServer(limits, listener)
  server.on('clientError', refuseBytes)
  return new Promise<Server>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error)
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : 'may not be used'
      reject(
        new AppError('conflict', `Port ${config.port} ${reason}. Choose another with --port N.`, {
          cause: error,
        }),
      )
    })
    server.listen(config.port, config.host, () => resolve(server))
  })
}

/** HTTP that could be parsed, but whose target or Host makes no address. */
function refuseRequest(error: unknown, log: Log): Response {
  const requestId = newId('req')
  if (error instanceof Error && error.name === 'RequestError') {
    const message =
      'The request target or the Host header is malformed. Send a path that begins with "/", and the Host this server is reached by.'
    return errorResponse(new AppError('invalid_request', message, { cause: error }), requestId)
  }
  log.error({ err: error, requestId }, 'request failed')
  const failure = new AppError('internal', 'Something inside failed. The log has the details.')
  return errorResponse(failure, requestId)
}

/** Bytes that are no HTTP, or too many, or too slow. HTTP's own status, with the reason in words. */
function refuseBytes(error: NodeJS.ErrnoException, socket: Duplex): void {
  const { _httpMessage: answer } = socket as { _httpMessage?: { headersSent: boolean } | null }
  if (error.code === 'ECONNRESET' || !socket.writable || answer?.headersSent) {
    socket.destroy()
    return
  }
  const [status, failure] = refusalOf(error.code)
  const body = JSON.stringify(errorBody(failure, newId('req')))
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function refusalOf(code: string | undefined): [status: string, failure: AppError] {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const kilobytes = limits.maxHeaderSize / 1024
    const message = `The request's headers are larger than ${kilobytes} kB together. Send fewer or shorter ones.`
    return ['431 Request Header Fields Too Large', new AppError('too_large', message)]
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = 'The request did not arrive in time. Send it again without pausing.'
    return ['408 Request Timeout', new AppError('timeout', message)]
  }
  const message = 'This is not a well-formed HTTP/1.1 request.'
  return ['400 Bad Request', new AppError('invalid_request', message)]
}
