/**
 * Continuous batching: one loop owns the context, and each step feeds the next token of every
 * running request together with pieces of the prompts still being read. A request keeps one
 * sequence of the context while it runs; afterwards the sequence keeps its tokens, so that a
 * later request with the same beginning need not have it evaluated again.
 */
import { AppError, toAppError } from '../../errors.ts'
import type { TokenLogprob } from '../contract.ts'
import type { Native, NativeSampler } from './native.ts'
import type { TokenText } from './token-text.ts'

export interface BatchRequest {
  prompt: readonly number[]
  sampler: NativeSampler
  /** Alternatives to report per token; undefined: no log-probabilities. */
  logprobs: number | undefined
  /** Called when a sequence was found for it, with the tokens it need not evaluate. */
  started(cachedTokens: number): void
  /** Called for each token; true ends the request. Throwing fails it. */
  token(token: number, logprob: TokenLogprob | undefined): boolean
  /** Called once when no further token can follow: the context is full, or the grammar has ended. */
  over(finishReason: 'length' | 'stop'): void
  /** Called once, when the model failed. */
  failed(error: AppError): void
}

interface Sequence {
  id: number
  /** Tokens whose state the context holds. */
  tokens: number[]
  request: BatchRequest | null
  /** Tokens to evaluate next; the rest of the prompt, then one token at a time. */
  pending: readonly number[]
  lastUsed: number
}

/**
 * A step is kept to about this long, by giving prompts fewer tokens per step on slow machines:
 * what runs can then be cancelled, and streams move, within 200 ms.
 */
const stepSecondsTarget = 0.12
const promptTokensPerStepMin = 32

export class Batcher {
  readonly #native: Native
  readonly #tokenText: TokenText
  readonly #sequences: Sequence[]
  readonly #waiting: BatchRequest[] = []
  readonly #plainSampler: NativeSampler
  #describing: Promise<unknown> = Promise.resolve()
  #promptTokensPerStep: number
  #running = false
  #uses = 0
  /** Steps done so far; shows the parent that a long answer is not a hang. */
  steps = 0

  constructor(native: Native, tokenText: TokenText) {
    this.#native = native
    this.#tokenText = tokenText
    this.#promptTokensPerStep = native.batchSize
    this.#sequences = Array.from({ length: native.sequences }, (_, id) => ({
      id,
      tokens: [],
      request: null,
      pending: [],
      lastUsed: 0,
    }))
    this.#plainSampler = native.createSampler()
    this.#plainSampler.applyConfig({ temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0 })
  }

  submit(request: BatchRequest): void {
    this.#waiting.push(request)
    if (!this.#running) void this.#loop()
  }

  /** Takes a request out; its sequence is free before the next step. */
  cancel(request: BatchRequest): void {
    const index = this.#waiting.indexOf(request)
    if (index >= 0) this.#waiting.splice(index, 1)
    const sequence = this.#sequences.find((candidate) => candidate.request === request)
    if (sequence) this.#release(sequence)
  }

  async #loop(): Promise<void> {
    this.#running = true
    try {
      for (;;) {
        this.#admit()
        const active = this.#sequences.filter((sequence) => sequence.request !== null)
        if (active.length === 0) break
        await this.#step(active)
        this.steps++
      }
    } finally {
      this.#running = false
    }
  }

  #admit(): void {
    while (this.#waiting.length > 0) {
      const request = this.#waiting[0]!
      const sequence = this.#bestIdle(request.prompt)
      if (!sequence) return
      this.#waiting.shift()
      const cached = this.#keepPrefix(sequence, request.prompt)
      sequence.request = request
      sequence.pending = request.prompt.slice(cached)
      request.started(cached)
    }
  }

  /** The idle sequence that shares the longest beginning with the prompt, else the oldest. */
  #bestIdle(prompt: readonly number[]): Sequence | null {
    let best: Sequence | null = null
    let bestShared = -1
    for (const sequence of this.#sequences) {
      if (sequence.request) continue
      const shared = sharedLength(sequence.tokens, prompt)
      const older = best !== null && sequence.lastUsed < best.lastUsed
      if (shared > bestShared || (shared === bestShared && older)) {
        best = sequence
        bestShared = shared
      }
    }
    return best
  }

  /** Cuts a sequence's state to what it shares with the prompt; the last token is always left to evaluate. */
  #keepPrefix(sequence: Sequence, prompt: readonly number[]): number {
    const shared = Math.min(sharedLength(sequence.tokens, prompt), prompt.length - 1)
    if (shared < sequence.tokens.length) {
      const { context } = this.#native
      // Recurrent models and sliding windows cannot cut in the middle: they begin anew.
      const cut = shared > 0 && context.removeTokenCellsFromSequence(sequence.id, shared, -1)
      if (!cut) context.disposeSequence(sequence.id)
      sequence.tokens.length = cut ? shared : 0
    }
    return sequence.tokens.length
  }

  #release(sequence: Sequence): void {
    sequence.request = null
    sequence.pending = []
    sequence.lastUsed = ++this.#uses
  }

  async #step(active: Sequence[]): Promise<void> {
    const batch = this.#fill(active)
    const started = performance.now()
    try {
      await this.#native.context.decodeBatch()
    } catch (error) {
      return this.#failAll(batch, error)
    }
    this.#adjust(batch, (performance.now() - started) / 1000)
    const samples: Promise<void>[] = []
    for (const { sequence, request, tokens, logitIndex } of batch) {
      sequence.tokens.push(...tokens)
      // A request cancelled during the step has left its sequence; the tokens stay valid.
      if (sequence.request !== request) continue
      sequence.pending = sequence.pending.slice(tokens.length)
      if (logitIndex !== undefined) samples.push(this.#sample(sequence, request, logitIndex))
    }
    await Promise.all(samples)
  }

  /** Chooses the tokens of a step: every next token first, then prompts share what is left. */
  #fill(active: Sequence[]): BatchEntry[] {
    const answering = active.filter((sequence) => sequence.pending.length === 1)
    const reading = active.filter((sequence) => sequence.pending.length > 1)
    const room = Math.min(this.#native.batchSize - answering.length, this.#promptTokensPerStep)
    const share = reading.length > 0 ? Math.max(1, Math.floor(room / reading.length)) : 0
    const plan = [
      ...answering.map((sequence) => ({ sequence, count: 1 })),
      ...reading.map((sequence) => ({ sequence, count: Math.min(share, sequence.pending.length) })),
    ]
    const total = plan.reduce((sum, { count }) => sum + count, 0)
    this.#native.context.initBatch(total)
    return plan.map(({ sequence, count }) => {
      const tokens = sequence.pending.slice(0, count)
      const wanted = count === sequence.pending.length
      const indexes = this.#native.context.addToBatch(
        sequence.id,
        sequence.tokens.length,
        Uint32Array.from(tokens),
        wanted ? Uint32Array.of(count - 1) : new Uint32Array(0),
      )
      return { sequence, request: sequence.request!, tokens, logitIndex: indexes[0] }
    })
  }

  #adjust(batch: BatchEntry[], seconds: number): void {
    const tokens = batch.reduce((sum, entry) => sum + entry.tokens.length, 0)
    if (tokens <= batch.length) return
    const fitting = Math.floor((tokens / Math.max(seconds, 1e-4)) * stepSecondsTarget)
    const { batchSize } = this.#native
    this.#promptTokensPerStep = Math.min(batchSize, Math.max(promptTokensPerStepMin, fitting))
  }

  async #sample(sequence: Sequence, request: BatchRequest, logitIndex: number): Promise<void> {
    try {
      const { context } = this.#native
      const token = await context.sampleToken(logitIndex, request.sampler)
      const logprob =
        request.logprobs === undefined || token < 0
          ? undefined
          : await this.#logprob(logitIndex, token, request.logprobs)
      if (sequence.request !== request) return
      if (token < 0) {
        this.#release(sequence)
        return request.over('stop')
      }
      if (request.token(token, logprob)) return this.#release(sequence)
      if (sequence.tokens.length >= this.#native.contextSize) {
        this.#release(sequence)
        return request.over('length')
      }
      sequence.pending = [token]
    } catch (error) {
      if (sequence.request === request) this.#release(sequence)
      request.failed(toAppError(error))
    }
  }

  /** Log-probability under the model's own distribution, before temperature and filters. */
  async #logprob(logitIndex: number, token: number, count: number): Promise<TokenLogprob> {
    // The plain sampler is one for all requests, and two native threads in it at once end the process.
    const asked = this.#describing.then(() =>
      this.#native.context.sampleToken(
        logitIndex,
        this.#plainSampler,
        false,
        false,
        [[token], false, false, false, Math.max(1, count)],
        true,
      ),
    )
    this.#describing = asked.catch(() => {})
    const [, , , pairs, weight] = await asked
    const logits = new Map<number, number>()
    for (let i = 0; i < pairs.length; i += 2) logits.set(pairs[i]!, pairs[i + 1]!)
    const total = Math.max(...logits.values()) + Math.log(weight)
    const ranked = [...logits].sort((a, b) => b[1] - a[1]).slice(0, count)
    const describe = (id: number, logit: number) => {
      const bytes = this.#tokenText.bytes(id)
      return { token: Buffer.from(bytes).toString(), logprob: logit - total, bytes: [...bytes] }
    }
    return {
      ...describe(token, logits.get(token) ?? Number.NEGATIVE_INFINITY),
      alternatives: ranked.map(([id, logit]) => describe(id, logit)),
    }
  }

  /** A failed step leaves the context's state unknown: every sequence in it begins anew. */
  #failAll(batch: BatchEntry[], error: unknown): void {
    const failure = new AppError('internal', 'The model could not evaluate this request.', {
      cause: error,
    })
    for (const { sequence, request } of batch) {
      this.#native.context.disposeSequence(sequence.id)
      sequence.tokens = []
      if (sequence.request !== request) continue
      this.#release(sequence)
      request.failed(failure)
    }
  }
}

interface BatchEntry {
  sequence: Sequence
  request: BatchRequest
  tokens: readonly number[]
  logitIndex: number | undefined
}

function sharedLength(left: readonly number[], right: readonly number[]): number {
  const end = Math.min(left.length, right.length)
  let length = 0
  while (length < end && left[length] === right[length]) length++
  return length
}
