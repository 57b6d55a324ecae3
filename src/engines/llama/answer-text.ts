/**
 * From generated tokens to what the caller sees: text without stop strings, tool calls cut out of
 * it, log-probabilities next to the text they belong to. Text that may turn out to begin a stop
 * string or a tool call is held back until that is decided.
 */
import type { TokenLogprob, ToolCall, ToolDefinition } from '../contract.ts'
import { parseToolCalls, type ToolFormat } from './tool-format.ts'

export interface AnswerOptions {
  stop: readonly string[]
  tools: readonly ToolDefinition[]
  toolFormat: ToolFormat
  parallelToolCalls: boolean
}

export interface AnswerSink {
  text(text: string, logprobs: TokenLogprob[] | undefined): void
  toolCall(call: ToolCall): void
}

export class AnswerText {
  readonly #options: AnswerOptions
  readonly #sink: AnswerSink
  readonly #decoder = new TextDecoder()
  readonly #markers: string[]
  /** Decoded and not yet given out. */
  #held = ''
  /** Position of `#held` in the whole text, to match log-probabilities to it. */
  #given = 0
  #logprobs: { entry: TokenLogprob; end: number }[] = []
  #insideCall = false
  #started = false
  #wholeAnswerHeld = false
  toolCallCount = 0

  constructor(options: AnswerOptions, sink: AnswerSink) {
    this.#options = options
    this.#sink = sink
    const open = options.tools.length > 0 ? options.toolFormat.open : null
    this.#markers = [...options.stop, ...(open ? [open] : [])]
  }

  /** Takes one token's bytes; true when the answer is complete (a stop string, the only call). */
  push(bytes: Uint8Array, logprob?: TokenLogprob): boolean {
    const text = this.#decoder.decode(bytes, { stream: true })
    this.#held += text
    if (logprob) this.#logprobs.push({ entry: logprob, end: this.#given + this.#held.length })
    return text !== '' && this.#advance()
  }

  /** Gives out what is still held; the answer has ended. */
  finish(): void {
    this.#held += this.#decoder.decode()
    if (this.#insideCall || this.#wholeAnswerHeld) {
      const calls = this.#parse(this.#held)
      if (calls.length > 0) {
        this.#emitCalls(calls)
        this.#drop(this.#held.length)
      } else if (this.#insideCall) this.#held = (this.#options.toolFormat.open ?? '') + this.#held
    }
    this.#emit(this.#held.length, true)
  }

  #advance(): boolean {
    if (!this.#started && this.#held.trim() !== '') {
      this.#started = true
      const { tools, toolFormat } = this.#options
      this.#wholeAnswerHeld =
        tools.length > 0 && toolFormat.open === null && this.#held.trimStart().startsWith('{')
    }
    for (;;) {
      if (this.#wholeAnswerHeld) return false
      if (this.#insideCall) {
        if (!this.#closeCall()) return false
        if (!this.#options.parallelToolCalls) return true
        continue
      }
      const found = this.#firstMarker()
      if (!found) {
        this.#emit(this.#held.length - this.#possibleMarkerLength(), false)
        return false
      }
      this.#emit(found.index, false)
      this.#drop(found.marker.length)
      if (this.#options.stop.includes(found.marker)) {
        this.#drop(this.#held.length)
        return true
      }
      this.#insideCall = true
    }
  }

  /** Ends the call being written when its end marker has come. */
  #closeCall(): boolean {
    const { close, open } = this.#options.toolFormat
    const end = close === null ? -1 : this.#held.indexOf(close)
    if (close === null || end < 0) return false
    const body = this.#held.slice(0, end)
    const calls = this.#parse(body)
    this.#insideCall = false
    if (calls.length > 0) {
      this.#drop(end + close.length)
      this.#emitCalls(calls)
    } else {
      // Not a call after all: the caller gets to see what the model wrote.
      this.#sink.text(`${open}${body}${close}`, undefined)
      this.#drop(end + close.length)
    }
    return true
  }

  #parse(text: string): ToolCall[] {
    return parseToolCalls(text, this.#options.toolFormat, this.#options.tools)
  }

  #emitCalls(calls: ToolCall[]): void {
    for (const call of this.#options.parallelToolCalls ? calls : calls.slice(0, 1)) {
      this.#sink.toolCall(call)
      this.toolCallCount++
    }
  }

  #firstMarker(): { index: number; marker: string } | null {
    let first: { index: number; marker: string } | null = null
    for (const marker of this.#markers) {
      const index = this.#held.indexOf(marker)
      if (index >= 0 && (!first || index < first.index)) first = { index, marker }
    }
    return first
  }

  /** Length of the longest end of the held text that a marker may begin with. */
  #possibleMarkerLength(): number {
    let longest = 0
    for (const marker of this.#markers) {
      const most = Math.min(marker.length - 1, this.#held.length)
      for (let length = most; length > longest; length--) {
        if (this.#held.endsWith(marker.slice(0, length))) longest = length
      }
    }
    return longest
  }

  #emit(length: number, last: boolean): void {
    const text = this.#held.slice(0, length)
    this.#held = this.#held.slice(length)
    this.#given += length
    const ready = this.#logprobs.filter(({ end }) => last || end <= this.#given)
    if (ready.length > 0) this.#logprobs = this.#logprobs.slice(ready.length)
    // White space around tool calls is notation, not answer.
    if (text.trim() === '' && this.toolCallCount > 0) return
    if (text !== '' || ready.length > 0) {
      this.#sink.text(text, ready.length > 0 ? ready.map(({ entry }) => entry) : undefined)
    }
  }

  #drop(length: number): void {
    this.#held = this.#held.slice(length)
    this.#given += length
    this.#logprobs = this.#logprobs.filter(({ end }) => end > this.#given)
  }
}
