/**
 * Every failure a caller can see. The table is the contract: code -> HTTP status, and whether the
 * same request may be sent again unchanged.
 */
const failures = {
  invalid_request: { status: 400, retry: false },
  unauthenticated: { status: 401, retry: false },
  forbidden: { status: 403, retry: false },
  not_found: { status: 404, retry: false },
  method_not_allowed: { status: 405, retry: false },
  conflict: { status: 409, retry: false },
  too_large: { status: 413, retry: false },
  unreadable_file: { status: 422, retry: false },
  rate_limited: { status: 429, retry: true },
  budget_exceeded: { status: 429, retry: false },
  overloaded: { status: 429, retry: true },
  cancelled: { status: 499, retry: true },
  internal: { status: 500, retry: false },
  unsupported: { status: 501, retry: false },
  upstream_failed: { status: 502, retry: true },
  engine_crashed: { status: 503, retry: true },
  model_unavailable: { status: 503, retry: true },
  unavailable: { status: 503, retry: true },
  timeout: { status: 504, retry: true },
  storage_full: { status: 507, retry: true },
} as const

export type FailureCode = keyof typeof failures

export interface AppErrorOptions {
  cause?: unknown
  /** The request field at fault, as a path such as `messages.0.content`. */
  param?: string
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  retryAfterSeconds?: number
}

/** The one error class. A message says what happened, why, and what to do next. */
export class AppError extends Error {
  readonly code: FailureCode
  readonly param: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: FailureCode, message: string, options: AppErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'AppError'
    this.code = code
    this.param = options.param
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get status(): number {
    return failures[this.code].status
  }

  get mayRetry(): boolean {
    return failures[this.code].retry
  }
}

/** Whether a string names a failure of the table; used where an error crosses a process boundary. */
export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(failures, value)
}

/** The same AppError, or `internal` around anything else (its text is for the log, not the caller). */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (error instanceof Error && error.name === 'AbortError') {
    return new AppError('cancelled', 'The request was cancelled.', { cause: error })
  }
  return new AppError('internal', 'Something inside failed. The log has the details.', {
    cause: error,
  })
}

/** Throws when a condition that only a programming error can break does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`)
}
