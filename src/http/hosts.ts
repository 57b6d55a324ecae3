/** Host and Origin checks: a page elsewhere, or a rebound DNS name, cannot speak to the server. */
import { AppError } from '../errors.ts'

/** Names that are always this machine. */
const localNames = ['localhost', '127.0.0.1', '[::1]']

/** The accepted host names: the setting's comma-separated list, the bind address, the public address. */
export function acceptedHosts(
  list: string,
  bindHost: string,
  publicUrl: string,
): ReadonlySet<string> {
  const listed = list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean)
  const bound = ['0.0.0.0', '::'].includes(bindHost) ? [] : [bindHost.toLowerCase()]
  const known = publicUrl ? [new URL(publicUrl).hostname] : []
  return new Set([...localNames, ...bound, ...listed, ...known])
}

export function checkHost(request: Request, hosts: ReadonlySet<string>): void {
  const header = request.headers.get('host')
  if (header === null) throw new AppError('invalid_request', 'The request names no Host.')
  // Only a plain name or address with an optional port; anything else is an attempt at confusion.
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(header)
  if (match && hosts.has(match[1]!.toLowerCase())) return
  throw new AppError(
    'forbidden',
    'This server is not addressed by that Host name. Add it to BASTIDE_ALLOWED_HOSTS if it should be.',
  )
}

/** For requests whose credential is the browser's cookie. */
export function checkOrigin(request: Request, hosts: ReadonlySet<string>): void {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') throw foreignOrigin()
  const origin = request.headers.get('origin')
  if (origin === null) {
    // Browsers send Origin with every request that can change something.
    if (request.method !== 'GET' && request.method !== 'HEAD') throw foreignOrigin()
    return
  }
  const url = URL.canParse(origin) ? new URL(origin) : null
  if (!url || !hosts.has(url.hostname) || url.host !== request.headers.get('host')) {
    throw foreignOrigin()
  }
}

function foreignOrigin(): AppError {
  return new AppError('forbidden', 'Signed-in requests are accepted from the console itself only.')
}
