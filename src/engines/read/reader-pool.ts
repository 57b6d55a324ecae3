/**
 * A fixed number of reading processes, started when needed and ended when idle. Tasks are served
 * in the order they come; a process that already holds the document is preferred, which spares
 * sending the bytes again.
 */
import { AppError } from '../../errors.ts'
import type { FromReader, ToReader } from './messages.ts'
import { ReaderProcess } from './reader-process.ts'

export interface ReaderPoolOptions {
  processes: number
  idleSeconds: number
  pageSeconds: number
  /** What the processes may read: the trained data. */
  readable: () => readonly string[]
}

interface Waiting {
  message: Omit<ToReader, 'bytes'>
  bytes: Uint8Array
  signal: AbortSignal
  started(): void
  resolve(reply: FromReader): void
  reject(error: unknown): void
}

/** A recognised page counts 10, anything else 1; at this much a process is replaced (~50 pages). */
const workMax = 500
const waitingMax = 10_000

export class ReaderPool {
  readonly #options: ReaderPoolOptions
  readonly #processes = new Map<ReaderProcess, 'busy' | NodeJS.Timeout>()
  readonly #waiting = new Set<Waiting>()
  #closed = false

  constructor(options: ReaderPoolOptions) {
    this.#options = options
  }

  /** Performs one task; `started` is called when a process takes it. */
  perform(
    message: Omit<ToReader, 'bytes'>,
    bytes: Uint8Array,
    signal: AbortSignal,
    started: () => void,
  ): Promise<FromReader> {
    if (this.#closed) throw new AppError('unavailable', 'The server is shutting down.')
    if (this.#waiting.size >= waitingMax) {
      throw new AppError('overloaded', 'Too many pages wait to be read.', { retryAfterSeconds: 30 })
    }
    const { promise, resolve, reject } = Promise.withResolvers<FromReader>()
    this.#waiting.add({ message, bytes, signal, started, resolve, reject })
    this.#dispatch()
    return promise
  }

  /** Drops the tasks whose signal was aborted; their work in progress ends with its process. */
  dropAborted(): void {
    for (const task of this.#waiting) {
      if (!task.signal.aborted) continue
      this.#waiting.delete(task)
      task.reject(new AppError('cancelled', 'The request was cancelled.'))
    }
  }

  get processCount(): number {
    return this.#processes.size
  }

  /** Process ids; tests end one to see what happens. */
  get pids(): number[] {
    return [...this.#processes.keys()].map((process) => process.pid ?? 0)
  }

  close(): void {
    this.#closed = true
    const error = new AppError('unavailable', 'The server is shutting down.')
    for (const task of this.#waiting) task.reject(error)
    this.#waiting.clear()
    for (const [process, state] of this.#processes) {
      if (state !== 'busy') clearTimeout(state)
      process.end(error)
    }
  }

  #dispatch(): void {
    for (const task of this.#waiting) {
      const process = this.#idleFor(task) ?? this.#startOne()
      if (!process) return
      this.#waiting.delete(task)
      void this.#serve(process, task)
    }
  }

  #idleFor(task: Waiting): ReaderProcess | null {
    let any: ReaderProcess | null = null
    for (const [process, state] of this.#processes) {
      if (state === 'busy' || !process.usable) continue
      if (process.documentId === task.message.document) return process
      any = process
    }
    return any
  }

  #startOne(): ReaderProcess | null {
    if (this.#processes.size >= this.#options.processes) return null
    const process = new ReaderProcess(this.#options.readable(), () => {
      const state = this.#processes.get(process)
      if (state !== undefined && state !== 'busy') clearTimeout(state)
      this.#processes.delete(process)
      if (!this.#closed) this.#dispatch()
    })
    return process
  }

  async #serve(process: ReaderProcess, task: Waiting): Promise<void> {
    const state = this.#processes.get(process)
    if (state !== undefined && state !== 'busy') clearTimeout(state)
    this.#processes.set(process, 'busy')
    const abort = () => process.end(new AppError('cancelled', 'The request was cancelled.'))
    task.signal.addEventListener('abort', abort, { once: true })
    task.started()
    try {
      const bytes = process.documentId === task.message.document ? null : task.bytes
      const message = { ...task.message, bytes }
      const reply = await process.perform(message, this.#options.pageSeconds)
      process.workDone += reply.type === 'page' && reply.page.source === 'recognition' ? 10 : 1
      task.resolve(reply)
    } catch (error) {
      task.reject(error)
    } finally {
      task.signal.removeEventListener('abort', abort)
      if (process.usable) this.#rest(process)
    }
  }

  #rest(process: ReaderProcess): void {
    const idle = new AppError('unavailable', 'The reading process was replaced.')
    if (process.workDone >= workMax) {
      process.end(idle)
      return
    }
    const timer = setTimeout(() => process.end(idle), this.#options.idleSeconds * 1000)
    timer.unref()
    this.#processes.set(process, timer)
    this.#dispatch()
  }
}
