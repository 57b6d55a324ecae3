/**
 * Reads documents: pages with a trustworthy text layer from it, others by recognition. The pages
 * of one document are spread over the processes and given out in order.
 */
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { AppError } from '../../errors.ts'
import type {
  Engine,
  EngineEvent,
  EngineModel,
  EngineRequest,
  EngineUsage,
  LoadedModel,
  ReadPage,
  ReadRequest,
  RunOptions,
} from '../contract.ts'
import { type FileKind, fileKindOf } from './file-kind.ts'
import {
  defaultLanguageFolder,
  findLanguages,
  linkLanguages,
  requireLanguages,
} from './language-files.ts'
import type { FromReader, PageTask } from './messages.ts'
import { ReaderPool } from './reader-pool.ts'

export interface ReadLimits {
  /** Size of a document. */
  bytes: number
  /** Pixels of one page. */
  pixels: number
  pages: number
  /** Time one page may take. */
  pageSeconds: number
}

export interface ReadEngineOptions {
  /** Reading processes at most; default: one less than the cores. */
  processes?: number
  /** A process without work ends after this long. */
  idleSeconds?: number
  limits?: Partial<ReadLimits>
  /** Folder with Tesseract's trained data; default: the npm packages. */
  languageFolder?: string
}

const defaultLimits: ReadLimits = {
  bytes: 100 * 2 ** 20,
  pixels: 50e6,
  pages: 1000,
  pageSeconds: 60,
}

/** The engine, and the languages it found. */
export interface ReadEngine extends Engine {
  readonly languages: readonly string[]
  /** Ids of the running processes. */
  pids(): number[]
}

export function createReadEngine(options: ReadEngineOptions = {}): ReadEngine {
  const processes = options.processes ?? Math.max(1, availableParallelism() - 1)
  const limits = { ...defaultLimits, ...options.limits }
  const installed = findLanguages(options.languageFolder ?? defaultLanguageFolder)
  let linked: string | undefined
  const idleSeconds = options.idleSeconds ?? 60
  const { pageSeconds } = limits
  const languageFolder = () => {
    linked ??= linkLanguages(installed)
    return linked
  }
  const pool = new ReaderPool({
    processes,
    idleSeconds,
    pageSeconds,
    readable: () => [languageFolder(), ...installed.values()],
  })
  let documents = 0

  async function* run(
    model: EngineModel,
    request: EngineRequest,
    { signal }: RunOptions,
  ): AsyncGenerator<EngineEvent> {
    if (request.task !== 'read') {
      throw new AppError('unsupported', `Model "${model.name}" cannot do "${request.task}".`)
    }
    const languages = languagesOf(model, request)
    requireLanguages(languages, installed)
    const reading = new Reading({
      pool,
      kind: checkedKind(request.bytes, limits),
      request,
      document: ++documents,
      limits,
      languages,
      languageFolder: languageFolder(),
      signal,
      lookAhead: processes,
    })
    yield* reading.events()
  }

  return {
    name: 'read',
    tasks: ['read'],
    languages: [...installed.keys()],
    run,
    countTokens: async () => null,
    loaded: (): LoadedModel[] => [],
    unload: async () => {},
    async close() {
      pool.close()
      if (linked) rmSync(linked, { recursive: true, force: true })
    },
    pids: () => pool.pids,
  }
}

function checkedKind(bytes: Uint8Array, limits: ReadLimits): FileKind {
  if (bytes.length === 0) throw new AppError('unreadable_file', 'The file is empty.')
  if (bytes.length > limits.bytes) {
    throw new AppError('too_large', `The file has ${bytes.length} bytes; at most ${limits.bytes}.`)
  }
  const kind = fileKindOf(bytes)
  if (kind) return kind
  throw new AppError(
    'unreadable_file',
    'The file is not a PDF, PNG, JPEG, TIFF or WebP by its content.',
  )
}

function languagesOf(model: EngineModel, request: ReadRequest): string[] {
  if (request.languages?.length) return request.languages
  const { languages } = model.settings
  return Array.isArray(languages) && languages.length > 0 ? languages.map(String) : ['eng']
}

interface ReadingParts {
  pool: ReaderPool
  kind: FileKind
  request: ReadRequest
  document: number
  limits: ReadLimits
  languages: string[]
  languageFolder: string
  signal: AbortSignal
  /** Pages worked on beyond the one the caller waits for. */
  lookAhead: number
}

/** One document on its way through the pool. */
class Reading {
  readonly #parts: ReadingParts
  /** Aborted when the caller cancels or leaves, or a page fails: the other pages stop too. */
  readonly #stop = new AbortController()
  readonly #submitted = performance.now()
  #queueSeconds: number | null = null
  #cpuSeconds = 0

  constructor(parts: ReadingParts) {
    this.#parts = parts
  }

  async *events(): AsyncGenerator<EngineEvent> {
    const { signal, request, lookAhead, pool } = this.#parts
    const cancel = () => this.#halt()
    if (signal.aborted) throw new AppError('cancelled', 'The request was cancelled.')
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const counted = await this.#perform({ type: 'count' })
      if (counted.type !== 'count') throw new AppError('internal', 'No page count was read.')
      const { pageCount } = counted
      const indexes = wantedPages(request.pages, pageCount)
      const ahead: Promise<ReadPage>[] = []
      for (const [position, index] of indexes.entries()) {
        while (ahead.length <= lookAhead && position + ahead.length < indexes.length) {
          ahead.push(this.#page(indexes[position + ahead.length]!))
        }
        yield { type: 'page-start', index, pageCount }
        yield { type: 'page', page: await ahead.shift()!, pageCount }
      }
      yield { type: 'end', finishReason: 'stop', usage: this.#usage(indexes.length) }
    } finally {
      signal.removeEventListener('abort', cancel)
      this.#halt()
      pool.dropAborted()
    }
  }

  #halt(): void {
    this.#stop.abort()
    this.#parts.pool.dropAborted()
  }

  #page(index: number): Promise<ReadPage> {
    const { languages, request } = this.#parts
    const includeImage = request.includePageImages === true
    const page = this.#perform({ type: 'page', index, languages, includeImage }).then((reply) => {
      if (reply.type !== 'page') throw new AppError('internal', 'No page was read.')
      return reply.page
    })
    // It may fail before anyone awaits it; the failure is thrown when its turn comes.
    page.catch(() => {})
    return page
  }

  async #perform(task: PageTask): Promise<FromReader> {
    const { pool, document, kind, limits, languageFolder, request } = this.#parts
    const message = {
      document,
      kind,
      task,
      limits: { pixels: limits.pixels, pages: limits.pages },
      languageFolder,
    }
    const reply = await pool.perform(message, request.bytes, this.#stop.signal, () => {
      this.#queueSeconds ??= (performance.now() - this.#submitted) / 1000
    })
    this.#cpuSeconds += reply.cpuSeconds
    if (reply.type === 'error') throw new AppError(reply.code, reply.message)
    return reply
  }

  #usage(pages: number): EngineUsage {
    return {
      inputTokens: 0,
      outputTokens: 0,
      cachedTokens: 0,
      pages,
      cpuSeconds: this.#cpuSeconds,
      queueSeconds: this.#queueSeconds ?? 0,
      loadSeconds: 0,
    }
  }
}

function wantedPages(pages: number[] | undefined, pageCount: number): number[] {
  if (!pages) return Array.from({ length: pageCount }, (_, index) => index)
  const wrong = pages.find((page) => !Number.isInteger(page) || page < 0 || page >= pageCount)
  if (wrong !== undefined) {
    throw new AppError(
      'invalid_request',
      `There is no page ${wrong}; pages are 0 to ${pageCount - 1}.`,
      {
        param: 'pages',
      },
    )
  }
  return [...new Set(pages)].sort((a, b) => a - b)
}
