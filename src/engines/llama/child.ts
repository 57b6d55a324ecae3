/**
 * The model process: one model, one context, requests over the IPC channel. It is started by
 * `model-process.ts` with an empty environment, holds no secrets, and dies with its parent.
 */
import { AppError, toAppError } from '../../errors.ts'
import type { EmbedRequest } from '../contract.ts'
import { channelToServer } from '../sandbox/channel.ts'
import { Batcher } from './batcher.ts'
import { type CpuAccount, CpuMeter } from './cpu-meter.ts'
import { createGenerator, errorEvent, type Generator } from './generator.ts'
import type { ChildEvent, FromChild, LoadOptions, ToChild } from './messages.ts'
import { type Embedder, loadNative, type Native } from './native.ts'
import { createTokenText, type TokenText } from './token-text.ts'

const beatMs = 500
/** Events are sent at most this often: a message costs both processes more than a token does. */
const flushMs = 5

const outbox: ChildEvent[] = []
let flushTimer: NodeJS.Timeout | undefined
let flushedAt = 0

function flush(): void {
  clearTimeout(flushTimer)
  flushTimer = undefined
  flushedAt = performance.now()
  if (outbox.length > 0) channel.send({ type: 'events', events: outbox.splice(0) })
}

/** Queues an event; texts of one request that follow each other travel as one. */
function post(event: ChildEvent): void {
  const last = outbox.at(-1)
  if (event.type === 'text' && last?.type === 'text' && last.id === event.id) {
    last.text += event.text
    if (event.logprobs) last.logprobs = [...(last.logprobs ?? []), ...event.logprobs]
  } else outbox.push(event)
  if (flushTimer) return
  const wait = flushMs - (performance.now() - flushedAt)
  flushTimer = setTimeout(flush, Math.max(0, wait))
}

interface Loaded {
  native: Native
  tokenText: TokenText
  meter: CpuMeter
  batcher: Batcher
  generator: Generator
  embedder?: Promise<Embedder>
  /** Embedding contexts take one input at a time. */
  embedQueue: Promise<unknown>
}

let loaded: Loaded | undefined
let embedSteps = 0
const cancels = new Map<number, () => void>()

async function load(options: LoadOptions): Promise<void> {
  try {
    const native = await loadNative(options)
    const tokenText = createTokenText(native)
    const batcher = new Batcher(native, tokenText)
    const meter = new CpuMeter()
    const { chatTemplate } = options
    const generator = createGenerator({ native, batcher, meter, chatTemplate, send: finishing })
    loaded = { native, tokenText, meter, batcher, generator, embedQueue: Promise.resolve() }
    channel.send({ type: 'ready' })
  } catch (error) {
    channel.send({
      type: 'load-failed',
      message: error instanceof Error ? error.message : String(error),
    })
  }
}

/** Forgets a request with its last event. */
function finishing(event: ChildEvent): void {
  if (event.type === 'end' || event.type === 'error') cancels.delete(event.id)
  post(event)
}

function run({ id, request }: Extract<ToChild, { type: 'run' }>): void {
  try {
    if (!loaded) throw new AppError('internal', 'No model is loaded.')
    if (request.task === 'embed') embed(id, request, loaded)
    else cancels.set(id, loaded.generator.start(id, request))
  } catch (error) {
    finishing(errorEvent(id, toAppError(error)))
  }
}

function embed(id: number, request: EmbedRequest, model: Loaded): void {
  let cancelled = false
  cancels.set(id, () => {
    cancelled = true
  })
  const submitted = performance.now()
  const account: CpuAccount = { cpuSeconds: 0 }
  model.embedQueue = model.embedQueue.then(async () => {
    const queueSeconds = (performance.now() - submitted) / 1000
    model.meter.enter(account)
    try {
      model.embedder ??= model.native.embedder()
      const embedder = await model.embedder
      const vectors: Float32Array[] = []
      let inputTokens = 0
      for (const input of request.inputs) {
        if (cancelled) return
        inputTokens += checkedLength(embedder, input, model)
        vectors.push(await embedder.embed(input))
        embedSteps++
      }
      model.meter.leave(account)
      const usage = { inputTokens, outputTokens: 0, cachedTokens: 0, queueSeconds }
      post({ id, type: 'embeddings', vectors })
      const { cpuSeconds } = account
      finishing({ id, type: 'end', finishReason: 'stop', usage: { ...usage, cpuSeconds } })
    } catch (error) {
      finishing(errorEvent(id, toAppError(error)))
    } finally {
      model.meter.leave(account)
    }
  })
}

function checkedLength(embedder: Embedder, input: string, model: Loaded): number {
  const { contextSize } = model.native
  const refuse = (reason: string) =>
    new AppError('invalid_request', `An input ${reason}.`, { param: 'input' })
  if (!model.tokenText.mayFit(input)) {
    throw refuse(`has ${input.length} characters; the model takes ${contextSize - 1} tokens`)
  }
  const length = embedder.countTokens(input)
  if (length === 0) throw refuse('is empty')
  if (length < contextSize) return length
  throw refuse(`has ${length} tokens; the model takes ${contextSize - 1}`)
}

function count({ id, text }: Extract<ToChild, { type: 'count' }>): void {
  post({ id, type: 'count', tokens: loaded?.native.model.tokenize(text, false).length ?? 0 })
}

const channel = channelToServer<ToChild, FromChild>((message) => {
  if (message.type === 'load') void load(message.options)
  else if (message.type === 'run') run(message)
  else if (message.type === 'count') count(message)
  else {
    cancels.get(message.id)?.()
    cancels.delete(message.id)
  }
})
setInterval(() => {
  channel.send({ type: 'beat', progress: (loaded?.batcher.steps ?? 0) + embedSteps })
}, beatMs)
