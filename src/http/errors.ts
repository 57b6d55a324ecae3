/** The one place that turns an error into what a client sees, in both dialects at once. */
import type { z } from 'zod'
import { AppError, type FailureCode } from '../errors.ts'

const types: Partial<Record<FailureCode, string>> = {
  unauthenticated: 'authentication_error',
  forbidden: 'permission_error',
  not_found: 'not_found_error',
  rate_limited: 'rate_limit_error',
  budget_exceeded: 'rate_limit_error',
  overloaded: 'rate_limit_error',
}

/** OpenAI nests the error, Mistral does not; both find what they look for. */
export function errorBody(error: AppError, requestId: string) {
  const fallback = error.status >= 500 ? 'server_error' : 'invalid_request_error'
  const fields = {
    message: error.message,
    type: types[error.code] ?? fallback,
    param: error.param ?? null,
    code: error.code,
    request_id: requestId,
  }
  return { object: 'error', ...fields, error: fields }
}

export function errorResponse(error: AppError, requestId: string): Response {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-request-id': requestId,
    'x-should-retry': String(error.mayRetry),
  }
  if (error.retryAfterSeconds) headers['retry-after'] = String(error.retryAfterSeconds)
  if (error.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer'
  // 499 is what a log shows; nobody is there to read it.
  return new Response(JSON.stringify(errorBody(error, requestId)), {
    status: error.status,
    headers,
  })
}

/** The value in its shape, or what is wrong with it; `where` says which part of the request it is. */
export function parseShape<T extends z.ZodType>(
  shape: T,
  value: unknown,
  where: string,
): z.infer<T> {
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  throw validationError(parsed.error.issues, where)
}

/** The first issue of a failed validation, with the field's path. */
function validationError(issues: z.core.$ZodIssue[], where: string): AppError {
  const issue = deepestIssue(issues[0]!)
  const param = issue.path.join('.')
  const at = param ? `${where} field "${param}"` : where
  return new AppError('invalid_request', `The ${at} is not valid: ${issue.message}`, { param })
}

/** Of a union's branches, the one that came furthest says most. */
function deepestIssue(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
  const branches = issue.errors.flatMap((branch) => (branch[0] ? [deepestIssue(branch[0])] : []))
  const deepest = branches.sort((a, b) => b.path.length - a.path.length)[0]
  if (!deepest || deepest.path.length === 0) return issue
  return { ...deepest, path: [...issue.path, ...deepest.path] }
}
