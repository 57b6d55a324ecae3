/**
 * One HTTP call with its deadline and retries. A call is repeated only when nothing was received
 * and the server cannot have begun the work: the connection was refused, or it said 429 or 503.
 */
import type { Egress, EgressResponse } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import { boundedText } from './sse.ts'

const retries = { attempts: 4, baseMs: 250, maxMs: 8000 }
const errorBodyBytes = 65_536
const notConnected = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

export interface Call {
  egress: Egress
  url: string
  purpose: string
  body: string
  apiKey: string | null
  /** Aborted on cancellation and at the deadline, with an AppError as reason. */
  signal: AbortSignal
  /** Milliseconds of `performance.now()`. */
  deadline: number
}

/** The response, with a status of 2xx and its body unread. */
export async function send(call: Call): Promise<EgressResponse> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(call)
    if (!('error' in outcome)) return outcome.response
    const { error, retryAfterMs } = outcome
    if (retryAfterMs === null || attempt === retries.attempts) throw error
    const waitMs = Math.max(retryAfterMs, backoffMs(attempt))
    if (performance.now() + waitMs > call.deadline) throw error
    await pause(waitMs, call.signal)
  }
}

/** Full jitter: a fleet of callers that failed together must not come back together. */
const backoffMs = (attempt: number) =>
  Math.random() * Math.min(retries.maxMs, retries.baseMs * 2 ** attempt)

type Outcome =
  | { response: EgressResponse }
  /** `retryAfterMs` is null when the call must not be repeated. */
  | { error: AppError; retryAfterMs: number | null }

async function attemptOnce(call: Call): Promise<Outcome> {
  let response: EgressResponse
  try {
    response = await call.egress.fetch(call.url, {
      purpose: call.purpose,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(call.apiKey === null ? {} : { authorization: `Bearer ${call.apiKey}` }),
      },
      body: call.body,
      signal: call.signal,
    })
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason
    if (error instanceof AppError) throw error
    const { code } = error as { code?: unknown }
    const refused = typeof code === 'string' && notConnected.has(code)
    const message = refused
      ? 'The remote model server cannot be reached.'
      : 'The connection to the remote model server broke.'
    return {
      error: new AppError('upstream_failed', message, { cause: error }),
      retryAfterMs: refused ? 0 : null,
    }
  }
  if (response.ok) return { response }
  const text = await boundedText(response.body, errorBodyBytes).catch(() => '')
  if (call.signal.aborted) throw call.signal.reason
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after') ?? null)
  const mayRepeat = response.status === 429 || response.status === 503
  return {
    error: statusError(response.status, text, retryAfterMs, call.apiKey),
    retryAfterMs: mayRepeat ? (retryAfterMs ?? 0) : null,
  }
}

function readRetryAfter(header: string | null): number | null {
  if (header === null) return null
  const seconds = Number(header)
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now())
}

function statusError(
  status: number,
  body: string,
  retryAfterMs: number | null,
  apiKey: string | null,
): AppError {
  const retry = retryAfterMs === null ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }
  switch (status) {
    case 400:
    case 422: {
      const reason = harmlessReason(body, apiKey)
      return new AppError('invalid_request', `The remote model refused the request${reason}.`)
    }
    case 413:
      return new AppError('too_large', 'The request is too large for the remote model.')
    case 401:
    case 403:
      return new AppError(
        'upstream_failed',
        'The remote model server refused our credentials. An administrator must check its API key.',
      )
    case 404:
      return new AppError('model_unavailable', 'The remote server does not have this model.')
    case 408:
    case 504:
      return new AppError('timeout', 'The remote model server ran out of time.')
    case 429:
      return new AppError('overloaded', 'The remote model server has too many requests.', retry)
    case 503:
      return new AppError('model_unavailable', 'The remote model server is unavailable.', retry)
    default:
      return new AppError('upstream_failed', `The remote model server failed (HTTP ${status}).`)
  }
}

/**
 * The upstream's own words about a bad request ("maximum context length is 4096 tokens") help the
 * caller; addresses, paths and anything that may be a key do not leave the house.
 */
function harmlessReason(body: string, apiKey: string | null): string {
  let message: unknown
  try {
    const parsed = JSON.parse(body)
    message = parsed?.error?.message ?? parsed?.message ?? parsed?.detail
  } catch {
    return ''
  }
  if (typeof message !== 'string') return ''
  const withoutKey = apiKey ? message.replaceAll(apiKey, '[key]') : message
  const clean = withoutKey
    .replace(/\b(?:https?|file):\/\/\S+/gi, '[address]')
    .replace(/(?:\/[\w.-]+){2,}/g, '[path]')
    .replace(/\b(?:sk|key|Bearer)[-_ ][\w-]{6,}/gi, '[key]')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
  return clean === '' ? '' : `: ${clean.replace(/\.+$/, '')}`
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal.addEventListener('abort', abort, { once: true })
  })
}
