/** Finds the credential of a request: bearer token or x-api-key (as both SDKs send), or the cookie. */
import type { Credential } from '../access/authenticate.ts'
import { AppError } from '../errors.ts'

export const sessionCookie = 'bastide_session'

export function credentialOf(request: Request): Credential {
  const authorization = request.headers.get('authorization')
  const bearer = authorization === null ? null : /^Bearer +(\S{1,500})$/i.exec(authorization)
  if (bearer) return { kind: 'key', secret: bearer[1]! }
  if (authorization !== null) {
    throw new AppError(
      'unauthenticated',
      'The Authorization header is not of the form "Bearer KEY".',
    )
  }
  const apiKey = request.headers.get('x-api-key')
  if (apiKey) return { kind: 'key', secret: apiKey.slice(0, 500) }
  const session = sessionSecret(request)
  if (session) return { kind: 'session', secret: session }
  throw new AppError(
    'unauthenticated',
    'The request carries no key. Send "Authorization: Bearer KEY"; make one with "./bastide key create".',
  )
}

export function sessionSecret(request: Request): string | null {
  const cookies = request.headers.get('cookie') ?? ''
  const match = new RegExp(`(?:^|; *)${sessionCookie}=([\\w-]{1,200})(?:;|$)`).exec(cookies)
  return match ? match[1]! : null
}
