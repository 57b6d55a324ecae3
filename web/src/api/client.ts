import { t } from '../texts/translate.ts'
/** The one way the console talks to the server: JSON over the same origin, the session in a cookie. */

/** A failure as the server tells it, or `unreachable` when there was no answer at all. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly requestId: string | null
  readonly param: string | null

  constructor(
    message: string,
    details: { code: string; status: number; requestId?: string | null; param?: string | null },
  ) {
    super(message)
    this.name = 'ApiError'
    this.code = details.code
    this.status = details.status
    this.requestId = details.requestId ?? null
    this.param = details.param ?? null
  }
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  body?: unknown
  signal?: AbortSignal | undefined
}

/** Sends a request and returns the answer as it came; throws ApiError for anything but 2xx. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const init: RequestInit = {
    method: options.method ?? 'GET',
    headers: { accept: 'application/json' },
    credentials: 'same-origin',
  }
  if (options.signal) init.signal = options.signal
  if (options.body !== undefined) {
    init.headers = { ...init.headers, 'content-type': 'application/json' }
    init.body = JSON.stringify(options.body)
  }
  let response: Response
  try {
    response = await fetch(path, init)
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw unreachable()
  }
  if (!response.ok) {
    const text = await response.text()
    throw errorFrom(response.status, text, response.headers.get('x-request-id'))
  }
  return response
}

/** Sends a request and parses the JSON it answers with; undefined when the answer is empty. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options)
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}

export function unreachable(): ApiError {
  return new ApiError(t('The server did not answer. Check that it runs with ./bastide doctor.'), {
    code: 'unreachable',
    status: 0,
  })
}

/** Reads the server's error body; a proxy's HTML page or an empty body still gives a clear error. */
export function errorFrom(status: number, text: string, requestId: string | null): ApiError {
  try {
    const { error } = JSON.parse(text) as {
      error: { message: string; code?: string; type?: string; param?: string; request_id?: string }
    }
    return new ApiError(error.message, {
      code: error.code ?? error.type ?? String(status),
      status,
      requestId: error.request_id ?? requestId,
      param: error.param ?? null,
    })
  } catch {
    return new ApiError(
      t('The server answered with status {status} and no explanation.', { status }),
      {
        code: `http_${status}`,
        status,
        requestId,
      },
    )
  }
}

/** A query string from the values that are set, in the order given. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
