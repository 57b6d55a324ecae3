/** HTTP by hand, for requests that no client library would send. */
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  /** 0 when the connection closed without an answer. */
  status: number
  text: string
  seconds: number
}

/** Opens a connection; a reset by the other side is an end like any other. */
export function openSocket(url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => socket.destroy())
  return socket
}

/** Everything the server sends until it closes, or until the answer has been quiet for a while. */
export async function answerOn(
  socket: Socket,
  { quietMs = 300, limitMs = 60_000 } = {},
): Promise<RawAnswer> {
  const startedAt = performance.now()
  let text = ''
  await new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, limitMs)
    let quiet: NodeJS.Timeout | undefined
    const done = () => {
      clearTimeout(limit)
      clearTimeout(quiet)
      resolve()
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      clearTimeout(quiet)
      quiet = setTimeout(done, quietMs)
    })
    socket.once('close', done)
  })
  socket.destroy()
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)
  return { status, text, seconds: (performance.now() - startedAt) / 1000 }
}

export function sendRaw(url: string, text: string): Promise<RawAnswer> {
  const socket = openSocket(url)
  socket.write(Buffer.from(text, 'latin1'))
  return answerOn(socket)
}

/** The start of a multipart upload whose file never ends. */
export function unfinishedUpload(url: string, path: string, key: string, sentBytes: number) {
  const { host } = new URL(url)
  const socket = openSocket(url)
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${key}\r\n` +
      'Content-Type: multipart/form-data; boundary=xyz\r\nContent-Length: 100000000\r\n\r\n' +
      '--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n',
  )
  socket.write(Buffer.alloc(sentBytes, 7))
  return socket
}
