/** A byte stream over a message port, in the shape in which node-postgres wants its socket. */
import { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'

/** Opens the connection; rejects when the other side cannot be reached. */
export type OpenPort = () => Promise<MessagePort>

export class ThreadStream extends Duplex {
  readonly #open: OpenPort
  #port: MessagePort | null = null
  #keepsProcess = true

  constructor(open: OpenPort) {
    super()
    this.#open = open
  }

  /** Called by node-postgres in place of a socket's; emits `connect` when open. */
  connect(): this {
    this.#open().then(
      (port) => {
        this.#port = port
        port.on('message', (bytes: Uint8Array) => this.push(bytes))
        port.on('close', () => this.destroy(this.destroyed ? undefined : lost()))
        if (!this.#keepsProcess) port.unref()
        if (this.destroyed) port.close()
        else this.emit('connect')
      },
      (error) => this.destroy(error),
    )
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  /** An idle pool must not keep the process alive; a query must. */
  ref(): this {
    this.#keepsProcess = true
    this.#port?.ref()
    return this
  }

  unref(): this {
    this.#keepsProcess = false
    this.#port?.unref()
    return this
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#send(chunk, done)
  }

  /** A query is several messages written together; they go over as one. */
  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.#port?.close()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#port?.close()
    done(error)
  }

  #send(bytes: Buffer, done: (error?: Error) => void): void {
    if (!this.#port) return done(lost())
    this.#port.postMessage(new Uint8Array(bytes))
    done()
  }
}

function lost(): Error {
  // The code that node-postgres and `databaseError` know a broken connection by.
  return Object.assign(new Error('Connection terminated: the database thread ended'), {
    code: 'ECONNRESET',
  })
}
