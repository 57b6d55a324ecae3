/**
 * The parent's side of one model process. One process per model: what a model takes is what its
 * process takes, freeing it is ending the process, and a native crash or a hostile file costs only
 * the requests of that model. The price, about 100 MB and half a second of start-up per loaded
 * model, is small next to the models themselves.
 */
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors.ts'
import { type Channel, channelTo } from '../sandbox/channel.ts'
import { pipeOf, startEngineProcess } from '../sandbox/process.ts'
import type { ChildEvent, FromChild, LoadOptions, ToChild } from './messages.ts'

export interface ModelProcessOptions {
  load: LoadOptions
  /** What the model is expected to take. */
  memoryBytes: number
  /** Name for error messages. */
  name: string
  /** Silence of the child's event loop, while it has work, that counts as a hang. */
  heartbeatSeconds: number
  /** Time without a finished step, while it has work, that counts as a hang. */
  stepSeconds: number
  onExit(): void
}

type Listener = (event: ChildEvent | { type: 'gone'; error: AppError }) => void

const childPath = fileURLToPath(new URL('./child.ts', import.meta.url))
const stderrTailLength = 2000
const watchMs = 250
/** Weights may be packed anew beside the mapped file, and embeddings have a context of their own. */
const spareBytes = 2 ** 30
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB of memory`

export class ModelProcess {
  readonly #child: ChildProcess
  readonly #channel: Channel<ToChild>
  readonly #options: ModelProcessOptions
  readonly #listeners = new Map<number, Listener>()
  readonly #ready = Promise.withResolvers<void>()
  readonly #exited = Promise.withResolvers<void>()
  readonly #watch: NodeJS.Timeout
  #nextId = 1
  #stderr = ''
  #lastBeat = performance.now()
  #lastProgress = performance.now()
  #progress = -1
  #loading = true
  #ending: AppError | undefined
  alive = true

  constructor(options: ModelProcessOptions) {
    this.#options = options
    const memoryBytes = options.memoryBytes * 2 + spareBytes
    this.#child = startEngineProcess({
      path: childPath,
      // node-llama-cpp asks for a home while it loads, which nobody has in a sandbox.
      environment: { HOME: '/' },
      readable: [options.load.path],
      memoryBytes,
      onMemoryExceeded: () => {
        void this.end(this.#crash(`took more than ${gigabytes(memoryBytes)} and was ended`))
      },
      stderr: 'pipe',
      gpu: options.load.gpu !== false,
      mayFork: true,
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrTailLength)
    })
    this.#channel = channelTo<FromChild, ToChild>(pipeOf(this.#child), {
      message: (message) => this.#receive(message),
      broken: (cause) => void this.end(this.#crash('sent what is no message', cause)),
    })
    this.#child.on('error', (cause) => this.#gone(this.#crash('could not be started', cause)))
    this.#child.on('exit', (code, signal) => {
      this.#gone(this.#ending ?? this.#crash(`ended (${signal ?? `exit code ${code}`})`))
    })
    this.#watch = setInterval(() => this.#checkPulse(), watchMs)
    this.#watch.unref()
    this.#ready.promise.catch(() => {})
    this.#channel.send({ type: 'load', options: options.load })
  }

  /** Resolves when the model is loaded; rejects with `model_unavailable` or `engine_crashed`. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get activeRequests(): number {
    return this.#listeners.size
  }

  /** Sends a request; the listener gets its events, or `gone` when the process ends first. */
  request(message: DistributiveOmit<Extract<ToChild, { id: number }>, 'id'>, listener: Listener) {
    const id = this.#nextId++
    if (this.#listeners.size === 0) this.#lastBeat = this.#lastProgress = performance.now()
    this.#listeners.set(id, listener)
    this.#channel.send({ ...message, id } as ToChild)
    return id
  }

  cancel(id: number): void {
    if (this.#listeners.delete(id)) this.#channel.send({ type: 'cancel', id })
  }

  /** Ends the process; requests it was serving fail with the given error. */
  async end(error: AppError): Promise<void> {
    this.#ending ??= error
    this.#child.kill('SIGKILL')
    await this.#exited.promise
  }

  #receive(message: FromChild): void {
    this.#lastBeat = performance.now()
    if (message.type === 'ready') {
      this.#loading = false
      this.#lastProgress = this.#lastBeat
      this.#ready.resolve()
    } else if (message.type === 'load-failed') {
      void this.end(
        new AppError('model_unavailable', `Model "${this.#options.name}" could not be loaded.`, {
          cause: new Error(`${message.message}\n${this.#stderr}`),
        }),
      )
    } else if (message.type === 'beat') {
      if (message.progress !== this.#progress) this.#lastProgress = this.#lastBeat
      this.#progress = message.progress
    } else for (const event of message.events) this.#deliver(event)
  }

  #deliver(event: ChildEvent): void {
    const listener = this.#listeners.get(event.id)
    if (event.type === 'end' || event.type === 'error' || event.type === 'count') {
      this.#listeners.delete(event.id)
    }
    listener?.(event)
  }

  #checkPulse(): void {
    if (!this.alive || (this.#listeners.size === 0 && !this.#loading)) return
    const now = performance.now()
    const { heartbeatSeconds, stepSeconds } = this.#options
    const silent = now - this.#lastBeat > heartbeatSeconds * 1000
    const stuck = now - this.#lastProgress > stepSeconds * 1000
    if (silent || stuck) void this.end(this.#crash('stopped responding and was ended'))
  }

  #crash(what: string, cause?: unknown): AppError {
    return new AppError(
      'engine_crashed',
      `The process running model "${this.#options.name}" ${what}. Send the request again.`,
      { cause: cause ?? new Error(this.#stderr || 'nothing on stderr') },
    )
  }

  #gone(error: AppError): void {
    if (!this.alive) return
    this.alive = false
    clearInterval(this.#watch)
    this.#ready.reject(error)
    const listeners = [...this.#listeners.values()]
    this.#listeners.clear()
    for (const listener of listeners) listener({ type: 'gone', error })
    this.#exited.resolve()
    this.#options.onExit()
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
