/**
 * Runs GGUF models with llama.cpp, each loaded model in a process of its own. Models are loaded on
 * first use and kept within a memory budget: to make room, those idle longest are unloaded first.
 */

import { type Clock, systemClock } from '../../clock.ts'
import { AppError } from '../../errors.ts'
import { openFileSource } from '../../models/formats/byte-source.ts'
import { readGguf } from '../../models/formats/gguf.ts'
import type {
  Engine,
  EngineEvent,
  EngineModel,
  EngineRequest,
  EngineUsage,
  LoadedModel,
  RunOptions,
} from '../contract.ts'
import { EventQueue } from '../event-queue.ts'
import { estimateMemoryBytes } from './memory-estimate.ts'
import type { ChildEvent, LoadOptions } from './messages.ts'
import { ModelProcess } from './model-process.ts'

export interface LlamaEngineOptions {
  /** All loaded models together stay below this, by estimate. */
  memoryBudgetBytes: number
  /** `auto` uses a GPU when the installed binary finds one. */
  gpu?: false | 'auto'
  /** Requests one model generates at the same time; settings `sequences` overrides it. */
  contextSequences?: number
  /** Tokens per request at most; a model trained with less gets less; settings `contextLength` overrides it. */
  contextTokens?: number
  /**
   * Threads per model. Default: one less than the machine has, because llama.cpp's threads wait
   * by spinning and are slowed tenfold by competing with the server for the last core.
   */
  maxThreads?: number
  heartbeatSeconds?: number
  stepSeconds?: number
  /** Requests per model waiting for a sequence before further ones are refused. */
  queueMax?: number
  clock?: Clock
}

/** Below this size one thread is faster than several: the work per step is less than their hand-over. */
const singleThreadBytes = 64 * 2 ** 20

interface Host {
  hash: string
  name: string
  memoryBytes: number
  process: ModelProcess
  lastUsedAt: number
  /** Requests that hold the model, from before the load until their end. */
  holders: number
}

export interface LlamaEngine extends Engine {
  /** Ids of the running model processes. */
  pids(): number[]
}

export function createLlamaEngine(options: LlamaEngineOptions): LlamaEngine {
  return new Models(options)
}

class Models implements LlamaEngine {
  readonly name = 'llama'
  readonly tasks = ['generate', 'embed'] as const
  readonly #options: Required<LlamaEngineOptions>
  readonly #hosts = new Map<string, Host>()
  readonly #opening = new Map<string, Promise<Host>>()
  #placing: Promise<unknown> = Promise.resolve()
  #roomChanged = Promise.withResolvers<void>()
  #closed = false

  constructor(options: LlamaEngineOptions) {
    const cores = navigator.hardwareConcurrency
    this.#options = {
      gpu: false,
      contextSequences: 4,
      contextTokens: 8192,
      maxThreads: Math.max(1, cores - 1),
      heartbeatSeconds: 20,
      stepSeconds: 120,
      queueMax: 1024,
      clock: systemClock,
      ...options,
    }
  }

  async *run(
    model: EngineModel,
    request: EngineRequest,
    { signal }: RunOptions,
  ): AsyncIterable<EngineEvent> {
    if (request.task !== 'generate' && request.task !== 'embed') {
      throw new AppError(
        'unsupported',
        `Model "${model.name}" cannot do the task "${request.task}".`,
      )
    }
    const { host, loadSeconds } = await this.#acquire(model, signal)
    try {
      const queue = new EventQueue<ChildEvent>(signal)
      const id = host.process.request({ type: 'run', request }, (event) => {
        if (event.type === 'gone') queue.fail(event.error)
        else queue.push(event)
      })
      try {
        for await (const event of queue) {
          yield translate(event, loadSeconds)
          if (event.type === 'end') return
        }
      } finally {
        host.process.cancel(id)
      }
    } finally {
      this.#release(host)
    }
  }

  async countTokens(model: EngineModel, text: string, { signal }: RunOptions): Promise<number> {
    const { host } = await this.#acquire(model, signal)
    try {
      const queue = new EventQueue<ChildEvent>(signal)
      const id = host.process.request({ type: 'count', text }, (event) => {
        if (event.type === 'gone') queue.fail(event.error)
        else queue.push(event)
      })
      try {
        for await (const event of queue) if (event.type === 'count') return event.tokens
      } finally {
        host.process.cancel(id)
      }
    } finally {
      this.#release(host)
    }
    throw new AppError('internal', 'The model process answered a count with nothing.')
  }

  loaded(): LoadedModel[] {
    return [...this.#hosts.values()].map((host) => ({
      hash: host.hash,
      name: host.name,
      memoryBytes: host.memoryBytes,
      activeRequests: host.process.activeRequests,
      lastUsedAt: host.lastUsedAt,
    }))
  }

  pids(): number[] {
    return [...this.#hosts.values()].map((host) => host.process.pid ?? 0)
  }

  async unload(hash: string): Promise<void> {
    for (;;) {
      const host = this.#hosts.get(hash)
      if (!host) return
      if (host.holders === 0) return this.#end(host)
      await this.#roomChanged.promise
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#opening.values())
    await Promise.all([...this.#hosts.values()].map((host) => this.#end(host)))
  }

  async #end(host: Host): Promise<void> {
    if (this.#hosts.get(host.hash) === host) this.#hosts.delete(host.hash)
    const reason = new AppError('unavailable', `Model "${host.name}" was unloaded.`)
    await host.process.end(reason)
  }

  /** The model, loaded; the caller releases it. Waits for room, unless it can never fit. */
  async #acquire(model: EngineModel, signal: AbortSignal) {
    const started = performance.now()
    let loadSeconds = 0
    for (;;) {
      if (signal.aborted) throw new AppError('cancelled', 'The request was cancelled.')
      if (this.#closed) throw new AppError('unavailable', 'The server is shutting down.')
      let host = this.#hosts.get(model.hash)
      if (!host) {
        host = await abortable(this.#open(model), signal)
        loadSeconds = (performance.now() - started) / 1000
      }
      if (!host.process.alive) continue
      if (host.holders >= this.#options.queueMax) {
        throw new AppError('overloaded', `Model "${model.name}" has too many requests waiting.`, {
          retryAfterSeconds: 5,
        })
      }
      host.holders++
      host.lastUsedAt = this.#options.clock.now()
      try {
        await abortable(host.process.ready, signal)
        if (loadSeconds > 0) loadSeconds = (performance.now() - started) / 1000
        return { host, loadSeconds }
      } catch (error) {
        this.#release(host)
        throw error
      }
    }
  }

  #release(host: Host): void {
    host.holders--
    host.lastUsedAt = this.#options.clock.now()
    if (host.holders === 0) this.#announceRoom()
  }

  #announceRoom(): void {
    this.#roomChanged.resolve()
    this.#roomChanged = Promise.withResolvers<void>()
  }

  /** Starts the model's process, once for all who ask at the same time. */
  #open(model: EngineModel): Promise<Host> {
    const opening = this.#opening.get(model.hash)
    if (opening) return opening
    const made = this.#start(model).finally(() => this.#opening.delete(model.hash))
    this.#opening.set(model.hash, made)
    return made
  }

  async #start(model: EngineModel): Promise<Host> {
    const path = model.files.weights
    if (!path) throw new AppError('model_unavailable', `Model "${model.name}" has no weights file.`)
    const { load, memoryBytes } = await this.#plan(model, path)
    // One at a time: two models measuring the same free room would both take it.
    const placed = this.#placing.then(() => this.#makeRoom(model.name, memoryBytes))
    this.#placing = placed.catch(() => {})
    await placed
    if (this.#closed) throw new AppError('unavailable', 'The server is shutting down.')
    const host: Host = {
      hash: model.hash,
      name: model.name,
      memoryBytes,
      lastUsedAt: this.#options.clock.now(),
      holders: 0,
      process: new ModelProcess({
        load,
        memoryBytes,
        name: model.name,
        heartbeatSeconds: this.#options.heartbeatSeconds,
        stepSeconds: this.#options.stepSeconds,
        onExit: () => {
          if (this.#hosts.get(model.hash) === host) this.#hosts.delete(model.hash)
          this.#announceRoom()
        },
      }),
    }
    this.#hosts.set(model.hash, host)
    return host
  }

  /** Validates the file's header in this process, and decides what the model gets. */
  async #plan(model: EngineModel, path: string) {
    const { settings } = model
    const file = await openFileSource(path)
    try {
      const info = await readGguf(file)
      const trained = info.contextLength ?? 4096
      const contextSize =
        positive(settings.contextLength) ?? Math.min(trained, this.#options.contextTokens)
      const sequences = positive(settings.sequences) ?? this.#options.contextSequences
      const { maxThreads, gpu } = this.#options
      const load: LoadOptions = {
        path,
        contextSize,
        sequences,
        threads:
          positive(settings.threads) ?? (info.tensorBytes < singleThreadBytes ? 1 : maxThreads),
        gpu,
        gpuLayers: positive(settings.gpuLayers),
        tokenCount: info.tokenizer?.tokenCount ?? 0,
        chatTemplate:
          typeof settings.chatTemplate === 'string' ? settings.chatTemplate : info.chatTemplate,
      }
      return { load, memoryBytes: estimateMemoryBytes(info, contextSize, sequences) }
    } finally {
      await file.close()
    }
  }

  async #makeRoom(name: string, neededBytes: number): Promise<void> {
    const budget = this.#options.memoryBudgetBytes
    if (neededBytes > budget) {
      throw new AppError(
        'model_unavailable',
        `Model "${name}" needs ${gigabytes(neededBytes)} and the memory budget is ${gigabytes(budget)}. Raise the budget, or lower its contextLength or sequences.`,
      )
    }
    for (;;) {
      const hosts = [...this.#hosts.values()]
      const used = hosts.reduce((sum, host) => sum + host.memoryBytes, 0)
      if (used + neededBytes <= budget || this.#closed) return
      const idle = hosts.filter((host) => host.holders === 0)
      const oldest = idle.sort((a, b) => a.lastUsedAt - b.lastUsedAt)[0]
      if (oldest) await this.#end(oldest)
      else await this.#roomChanged.promise
    }
  }
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`

function translate(event: ChildEvent, loadSeconds: number): EngineEvent {
  switch (event.type) {
    case 'text':
      return event.logprobs
        ? { type: 'text-delta', text: event.text, logprobs: event.logprobs }
        : { type: 'text-delta', text: event.text }
    case 'tool-call':
      return { type: 'tool-call', call: event.call }
    case 'embeddings':
      return { type: 'embeddings', vectors: event.vectors }
    case 'end': {
      const usage: EngineUsage = { ...event.usage, pages: 0, loadSeconds }
      return { type: 'end', finishReason: event.finishReason, usage }
    }
    case 'error':
      throw new AppError(event.code, event.message, event.param ? { param: event.param } : {})
    case 'count':
      throw new AppError('internal', 'The model process answered a request with a count.')
  }
}

/** Waits for a promise, or throws `cancelled` as soon as the signal is aborted. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(new AppError('cancelled', 'The request was cancelled.'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
