/** Serves the built console: fixed files read once, everything else is its start page. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** No script, style, picture or connection from anywhere else; model output cannot make one. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

interface ConsoleFile {
  body: Uint8Array<ArrayBuffer>
  type: string
  immutable: boolean
}

/** Null when the console has not been built in `folder`. */
export function consoleFiles(folder: string) {
  if (!existsSync(join(folder, 'index.html'))) return null
  const files = new Map<string, ConsoleFile>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const url = `/${relative(folder, path).split(sep).join('/')}`
    files.set(url, {
      body: new Uint8Array(readFileSync(path)),
      type: types[extname(entry.name)] ?? 'application/octet-stream',
      // Vite puts a content hash into the names under assets/.
      immutable: url.startsWith('/assets/'),
    })
  }

  return async (request: Request): Promise<Response | null> => {
    const { pathname } = new URL(request.url)
    const named = files.get(pathname)
    // A missing asset is missing; any other path is a page of the console.
    if (!named && extname(pathname) !== '') return null
    const file = named ?? files.get('/index.html')!
    return new Response(request.method === 'HEAD' ? null : file.body, {
      headers: {
        'content-type': file.type,
        'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
        'content-security-policy': contentSecurityPolicy,
      },
    })
  }
}
