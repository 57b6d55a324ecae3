/**
 * The contract between the one door (`inference/`) and whatever runs a model. An engine gets a
 * model (files on disk and the package's settings) and a request, and yields events until `end`.
 *
 * Rules, held by the contract test over all engines:
 * - events come in order, exactly one `end`, nothing after it; a failure is a thrown AppError;
 * - aborting the signal stops the work within 200 ms and frees what it held; `run` then throws
 *   AppError `cancelled`;
 * - `end.usage` accounts for everything the request used;
 * - a crash of the native code fails the requests it was serving with `engine_crashed`, and the
 *   next request starts the engine afresh.
 */

import type { Match, RecordPair } from '../models/specialist/matcher.ts'
import type { Classification } from '../models/specialist/probabilities.ts'
import type { FoundSpan } from '../models/specialist/tagger.ts'

/** Where a model's bytes are and how to run them; made by `models/` after policy and hash checks. */
export interface EngineModel {
  /** Content hash of the package (lower-case hex SHA-256). Identity of the loaded model. */
  hash: string
  name: string
  /** Absolute paths by role, e.g. `weights`. Empty for remote models. */
  files: Record<string, string>
  /** Engine-specific settings from the package manifest, already validated as an object. */
  settings: Record<string, unknown>
}

export interface ToolDefinition {
  name: string
  description?: string
  /** JSON Schema of the arguments object. */
  parameters?: Record<string, unknown>
}

export interface ToolCall {
  id: string
  name: string
  /** The arguments as JSON text, as the model wrote them. */
  arguments: string
}

export type ContentPart =
  | { type: 'text'; text: string }
  | { type: 'image'; bytes: Uint8Array; mimeType: string }

export type ChatMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: ContentPart[] }
  /** `prefix: true` on a last assistant message makes the model continue it. */
  | { role: 'assistant'; content: string; toolCalls?: ToolCall[]; prefix?: boolean }
  | { role: 'tool'; toolCallId: string; name?: string; content: string }

export type OutputFormat =
  | { type: 'text' }
  | { type: 'json' }
  | { type: 'json-schema'; schema: Record<string, unknown> }
  /** A GBNF grammar (llama.cpp's notation). */
  | { type: 'grammar'; grammar: string }

export type ToolChoice = 'auto' | 'none' | 'required' | { name: string }

export interface GenerateRequest {
  task: 'generate'
  input:
    | { type: 'chat'; messages: ChatMessage[] }
    | { type: 'text'; prompt: string }
    | { type: 'fill'; prefix: string; suffix: string }
  /** Upper bound on generated tokens; undefined: until the model stops or its context is full. */
  maxTokens?: number
  temperature?: number
  topP?: number
  topK?: number
  minP?: number
  frequencyPenalty?: number
  presencePenalty?: number
  stop?: string[]
  seed?: number
  tools?: ToolDefinition[]
  toolChoice?: ToolChoice
  parallelToolCalls?: boolean
  format?: OutputFormat
  /** How many alternatives per token to report (0: only the chosen token); undefined: none. */
  logprobs?: number
  /**
   * Whether the caller uses deltas as they come. Without, an engine may give the whole text in one delta,
   * which spares remote engines a stream.
   */
  stream?: boolean
}

export interface EmbedRequest {
  task: 'embed'
  inputs: string[]
}

/** Pages of a document or an image to text. */
export interface ReadRequest {
  task: 'read'
  bytes: Uint8Array
  mimeType: string
  /** 0-based page indexes to read; undefined: all. */
  pages?: number[]
  /** ISO 639-3 codes, main language first; undefined: the model's default. */
  languages?: string[]
  /** Also return each page's picture (PNG), as the reader saw it. */
  includePageImages?: boolean
}

export interface Tensor {
  type: 'float32' | 'int64' | 'int32' | 'uint8' | 'bool'
  /** Row-major values; int64 as BigInt64Array. */
  data: Float32Array | BigInt64Array | Int32Array | Uint8Array
  shape: number[]
}

/** Named tensors in, named tensors out: what ONNX models do. */
export interface TensorRequest {
  task: 'tensor'
  inputs: Record<string, Tensor>
}

/** Texts to labels with probabilities: what a `classify` specialist does. */
export interface ClassifyRequest {
  task: 'classify'
  texts: string[]
}

/** Texts to spans with labels: what a `tag` specialist does. */
export interface TagRequest {
  task: 'tag'
  texts: string[]
}

/** Pairs of records: whether they are about the same thing, which a `match` specialist tells. */
export interface MatchRequest {
  task: 'match'
  pairs: RecordPair[]
}

export type EngineRequest =
  | GenerateRequest
  | EmbedRequest
  | ReadRequest
  | TensorRequest
  | ClassifyRequest
  | TagRequest
  | MatchRequest
export type EngineTask = EngineRequest['task']

export interface TokenLogprob {
  token: string
  logprob: number
  /** UTF-8 bytes of the token. */
  bytes: number[]
  alternatives: { token: string; logprob: number; bytes: number[] }[]
}

export interface ReadWord {
  text: string
  /** 0..1. */
  confidence: number
  /** Pixels of the page image: left, top, right, bottom. */
  box: [number, number, number, number]
  /** Index of the text line the word stands in, 0-based on the page. */
  line: number
  /** Index of the paragraph, 0-based on the page. */
  paragraph: number
}

export interface ReadPage {
  /** 0-based index in the document. */
  index: number
  markdown: string
  widthPixels: number
  heightPixels: number
  dpi: number
  /** Mean word confidence 0..1; 1 for a page read from its own text layer; null when it has no words. */
  confidence: number | null
  words: ReadWord[]
  /** How the text was won. */
  source: 'text-layer' | 'recognition' | 'blank'
  /** PNG bytes when asked for. */
  image?: Uint8Array
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

export interface EngineUsage {
  inputTokens: number
  outputTokens: number
  /** The part of inputTokens that was served from a kept prefix. */
  cachedTokens: number
  pages: number
  /** CPU time of the engine attributed to this request; null when it ran elsewhere (remote). */
  cpuSeconds: number | null
  /** Time waiting inside the engine for a slot. */
  queueSeconds: number
  /** Time loading the model for this request, 0 when it was in memory. */
  loadSeconds: number
}

export type EngineEvent =
  | { type: 'text-delta'; text: string; logprobs?: TokenLogprob[] }
  /** A whole call; engines that stream arguments collect them first. */
  | { type: 'tool-call'; call: ToolCall }
  /** `vectors[i]` belongs to `inputs[i]`; unit length is not promised. */
  | { type: 'embeddings'; vectors: Float32Array[] }
  | { type: 'page-start'; index: number; pageCount: number }
  | { type: 'page'; page: ReadPage; pageCount: number }
  | { type: 'tensors'; outputs: Record<string, Tensor> }
  /** `classifications[i]` belongs to `texts[i]`, and so do `spans[i]`. */
  | { type: 'classifications'; classifications: Classification[] }
  | { type: 'spans'; spans: FoundSpan[][] }
  /** `matches[i]` belongs to `pairs[i]`. */
  | { type: 'matches'; matches: Match[] }
  | { type: 'end'; finishReason: FinishReason; usage: EngineUsage }

export interface LoadedModel {
  hash: string
  name: string
  memoryBytes: number
  activeRequests: number
  /** Milliseconds since the epoch. */
  lastUsedAt: number
}

export interface RunOptions {
  signal: AbortSignal
}

export interface Engine {
  readonly name: 'llama' | 'onnx' | 'remote' | 'read'
  readonly tasks: readonly EngineTask[]
  run(model: EngineModel, request: EngineRequest, options: RunOptions): AsyncIterable<EngineEvent>
  /** Number of tokens of a text under the model's tokenizer; null where the engine cannot tell. */
  countTokens(model: EngineModel, text: string, options: RunOptions): Promise<number | null>
  loaded(): LoadedModel[]
  /** Frees the model's memory once its running requests have ended. */
  unload(hash: string): Promise<void>
  /** Ends everything; running requests fail with `unavailable`. */
  close(): Promise<void>
}
