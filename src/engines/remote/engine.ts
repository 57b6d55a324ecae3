/** Models on other servers (vLLM, llama-server, any OpenAI-compatible API), over the egress guard. */
import { type Egress, isConnectionError } from '../../egress.ts'
import { AppError, toAppError } from '../../errors.ts'
import type {
  EmbedRequest,
  Engine,
  EngineEvent,
  EngineModel,
  EngineRequest,
  GenerateRequest,
  LoadedModel,
  RunOptions,
} from '../contract.ts'
import { RemoteAnswer } from './answer.ts'
import { send } from './call.ts'
import { embedBody, generateBody, type WireRequest } from './request-body.ts'
import { type RemoteSettings, remoteSettings } from './settings.ts'
import { Slots } from './slots.ts'
import { boundedText, serverSentData } from './sse.ts'
import { embeddingsSchema } from './wire.ts'

export interface RemoteEngineOptions {
  egress: Egress
  /** Supplies an API key by the name a model's settings give. */
  secret(name: string): Promise<string>
}

const answerBytesMax = 64 * 2 ** 20

export function createRemoteEngine(options: RemoteEngineOptions): Engine {
  return new RemoteEngine(options)
}

class RemoteEngine implements Engine {
  readonly name = 'remote'
  readonly tasks = ['generate', 'embed'] as const
  readonly #options: RemoteEngineOptions
  readonly #slots = new Map<string, Slots>()
  readonly #running = new Set<AbortController>()

  constructor(options: RemoteEngineOptions) {
    this.#options = options
  }

  async *run(
    model: EngineModel,
    request: EngineRequest,
    { signal }: RunOptions,
  ): AsyncIterable<EngineEvent> {
    if (request.task !== 'generate' && request.task !== 'embed') {
      throw new AppError('unsupported', `Model "${model.name}" cannot do "${request.task}".`)
    }
    const settings = remoteSettings(model)
    const abort = new Abort(
      signal,
      settings,
      request.task === 'generate' && request.stream === true,
    )
    this.#running.add(abort.controller)
    const slots = this.#slotsOf(settings.baseUrl)
    let holdsSlot = false
    try {
      const started = performance.now()
      await slots.take(settings.maxConcurrency, abort.signal)
      holdsSlot = true
      abort.sending()
      const queueSeconds = (performance.now() - started) / 1000
      yield* request.task === 'embed'
        ? this.#embed(model, request, settings, abort, queueSeconds)
        : this.#generate(model, request, settings, abort, queueSeconds)
    } catch (error) {
      if (abort.signal.aborted) throw abort.signal.reason
      if (error instanceof AppError) throw error
      const message = 'The connection to the remote model server broke.'
      throw isConnectionError(error)
        ? new AppError('upstream_failed', message, { cause: error })
        : toAppError(error)
    } finally {
      abort.end()
      this.#running.delete(abort.controller)
      if (holdsSlot) slots.give()
      if (slots.idle) this.#slots.delete(settings.baseUrl)
    }
  }

  async countTokens(): Promise<null> {
    return null
  }

  loaded(): LoadedModel[] {
    return []
  }

  async unload(): Promise<void> {}

  async close(): Promise<void> {
    for (const controller of this.#running) {
      controller.abort(new AppError('unavailable', 'The server is shutting down.'))
    }
  }

  #slotsOf(baseUrl: string): Slots {
    let slots = this.#slots.get(baseUrl)
    if (!slots) {
      slots = new Slots()
      this.#slots.set(baseUrl, slots)
    }
    return slots
  }

  async #send(model: EngineModel, wire: WireRequest, settings: RemoteSettings, abort: Abort) {
    const { egress, secret } = this.#options
    const response = await send({
      egress,
      url: settings.baseUrl + wire.path,
      purpose: `remote:${model.name}`,
      body: JSON.stringify(wire.body),
      apiKey: settings.apiKeySecret === undefined ? null : await secret(settings.apiKeySecret),
      signal: abort.signal,
      deadline: abort.deadline,
    })
    const isStream = response.headers.get('content-type')?.includes('text/event-stream') ?? false
    return { body: response.body, isStream }
  }

  async *#generate(
    model: EngineModel,
    request: GenerateRequest,
    settings: RemoteSettings,
    abort: Abort,
    queueSeconds: number,
  ): AsyncGenerator<EngineEvent> {
    const wire = generateBody(request, settings)
    const { body, isStream } = await this.#send(model, wire, settings, abort)
    const answer = new RemoteAnswer(promptCharacters(request))
    if (isStream) {
      for await (const data of serverSentData(body)) {
        abort.received()
        if (data === '[DONE]') break
        const event = answer.take(data)
        if (event) yield event
      }
      if (!answer.finished) {
        throw new AppError('upstream_failed', 'The remote server ended its answer too early.')
      }
    } else {
      const event = answer.take(await boundedText(body, answerBytesMax))
      if (event) yield event
    }
    yield* answer.end(queueSeconds)
  }

  async *#embed(
    model: EngineModel,
    { inputs }: EmbedRequest,
    settings: RemoteSettings,
    abort: Abort,
    queueSeconds: number,
  ): AsyncGenerator<EngineEvent> {
    const { body } = await this.#send(model, embedBody(inputs, settings), settings, abort)
    const text = await boundedText(body, answerBytesMax)
    const parsed = embeddingsSchema.safeParse(parseJson(text))
    const vectors: Float32Array[] = []
    for (const { index, embedding } of parsed.data?.data ?? []) {
      vectors[index] = Float32Array.from(embedding)
    }
    if (!parsed.success || inputs.some((_, i) => !vectors[i]) || vectors.length !== inputs.length) {
      throw new AppError(
        'upstream_failed',
        'The remote server did not answer with one vector each.',
      )
    }
    yield { type: 'embeddings', vectors }
    const characters = inputs.reduce((sum, input) => sum + input.length, 0)
    yield {
      type: 'end',
      finishReason: 'stop',
      usage: {
        inputTokens: parsed.data.usage?.prompt_tokens ?? Math.ceil(characters / 4),
        outputTokens: 0,
        cachedTokens: 0,
        pages: 0,
        cpuSeconds: null,
        queueSeconds,
        loadSeconds: 0,
      },
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function promptCharacters({ input }: GenerateRequest): number {
  if (input.type === 'text') return input.prompt.length
  if (input.type === 'fill') return input.prefix.length + input.suffix.length
  return input.messages.reduce((sum, message) => {
    if (typeof message.content === 'string') return sum + message.content.length
    const texts = message.content.map((part) => (part.type === 'text' ? part.text.length : 0))
    return sum + texts.reduce((total, length) => total + length, 0)
  }, 0)
}

/** Nobody sees it: made once, because an error's stack costs more than the rest of the abort. */
const requestEnded = new AppError('cancelled', 'The request has ended.')

/** One abort signal for the caller's cancellation, the whole deadline and the first token's. */
class Abort {
  readonly controller = new AbortController()
  readonly deadline: number
  readonly #caller: AbortSignal
  readonly #whole: NodeJS.Timeout
  readonly #firstTokenSeconds: number | null
  #first: NodeJS.Timeout | undefined
  readonly #cancel = () => {
    this.controller.abort(new AppError('cancelled', 'The request was cancelled.'))
  }

  constructor(caller: AbortSignal, settings: RemoteSettings, streamed: boolean) {
    const { timeoutSeconds, firstTokenTimeoutSeconds } = settings
    this.#caller = caller
    this.deadline = performance.now() + timeoutSeconds * 1000
    this.#whole = this.#timer(timeoutSeconds, `did not finish within ${timeoutSeconds} s`)
    // Without a stream the first byte comes with the last token: only the whole deadline applies.
    this.#firstTokenSeconds = streamed ? firstTokenTimeoutSeconds : null
    if (caller.aborted) this.#cancel()
    else caller.addEventListener('abort', this.#cancel)
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  sending(): void {
    const seconds = this.#firstTokenSeconds
    if (seconds !== null) this.#first = this.#timer(seconds, `sent nothing for ${seconds} s`)
  }

  received(): void {
    clearTimeout(this.#first)
  }

  end(): void {
    clearTimeout(this.#whole)
    clearTimeout(this.#first)
    this.#caller.removeEventListener('abort', this.#cancel)
    // Frees the connection when the caller stopped listening in the middle of an answer.
    this.controller.abort(requestEnded)
  }

  #timer(seconds: number, what: string): NodeJS.Timeout {
    const error = () => new AppError('timeout', `The remote model server ${what}.`)
    return setTimeout(() => this.controller.abort(error()), seconds * 1000)
  }
}
