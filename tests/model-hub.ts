/**
 * A server that answers as Hugging Face's hub does (`/api/models/…?blobs=true`, `/resolve/…`) and sends
 * whoever downloads to another server, as the hub does; both may misbehave as a test wishes.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const commit = 'c0ffee'.padEnd(40, '0')

export interface HubFile {
  path: string
  bytes: Buffer
  /** What the hub says its digest is; default: what it is. */
  sha256?: string
  /** Small files are kept in git itself, and the hub says no digest of them. */
  inGit?: boolean
}

async function listen(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server: Server = createServer(handler)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return { server, port, url: `http://127.0.0.1:${port}` }
}

export async function startModelHub(repository: string, files: HubFile[]) {
  const state = {
    /** Bytes after which the next downloads break off; each entry is used once. */
    breaks: [] as number[],
    /** Milliseconds between pieces of 16 KiB. */
    delayMs: 0,
    ignoresRange: false,
    token: null as string | null,
    requests: [] as { url: string; authorization: string | undefined; range: string | undefined }[],
  }
  const note = ({ url = '', headers }: IncomingMessage) =>
    state.requests.push({ url, authorization: headers.authorization, range: headers.range })

  const store = await listen(async (request, response) => {
    note(request)
    const file = files.find(({ path }) => request.url === `/blob/${path}`)
    if (!file) return response.writeHead(404).end()
    const from = state.ignoresRange
      ? 0
      : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const { length } = file.bytes
    if (from >= length && from > 0) return response.writeHead(416).end()
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': length - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${length - 1}/${length}` }),
    })
    const breakAfter = state.breaks.shift() ?? Number.POSITIVE_INFINITY
    const piece = 16 * 1024
    for (let at = from; at < length; at += piece) {
      // What was written still arrives; then the connection is over.
      if (at - from >= breakAfter) return request.socket.end()
      if (!response.write(file.bytes.subarray(at, at + piece))) {
        await new Promise((drained) => response.once('drain', drained).once('close', drained))
      }
      if (response.destroyed) return
      if (state.delayMs) await new Promise((resume) => setTimeout(resume, state.delayMs))
    }
    response.end()
  })

  const hub = await listen((request, response) => {
    note(request)
    if (state.token && request.headers.authorization !== `Bearer ${state.token}`) {
      return response.writeHead(401).end()
    }
    const url = request.url ?? ''
    if (url.startsWith(`/api/models/${repository}/revision/main?blobs=true`)) {
      response.setHeader('content-type', 'application/json')
      return response.end(
        JSON.stringify({
          sha: commit,
          author: repository.split('/')[0],
          cardData: { license: 'apache-2.0' },
          siblings: files.map(({ path, bytes, sha256, inGit }) => ({
            rfilename: path,
            size: bytes.length,
            ...(!inGit && {
              lfs: { sha256: sha256 ?? createHash('sha256').update(bytes).digest('hex') },
            }),
          })),
        }),
      )
    }
    const path = url.replace(`/${repository}/resolve/${commit}/`, '')
    if (path === url) return response.writeHead(404).end()
    response.writeHead(302, { location: `${store.url}/blob/${path}` }).end()
  })

  return {
    url: hub.url,
    port: hub.port,
    storePort: store.port,
    state,
    async [Symbol.asyncDispose]() {
      for (const { server } of [hub, store]) {
        server.closeAllConnections()
        await new Promise((closed) => server.close(closed))
      }
    },
  }
}
