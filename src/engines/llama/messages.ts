/** What the server process and a model process say to each other; plain data, structured clone. */
import type { FailureCode } from '../../errors.ts'
import type {
  EmbedRequest,
  FinishReason,
  GenerateRequest,
  TokenLogprob,
  ToolCall,
} from '../contract.ts'

export interface LoadOptions {
  path: string
  /** Tokens one sequence can hold. */
  contextSize: number
  /** Requests that can be generated at the same time. */
  sequences: number
  threads: number
  gpu: false | 'auto'
  gpuLayers: number | null
  /** Size of the vocabulary, from the validated header. */
  tokenCount: number
  chatTemplate: string | null
}

export type ToChild =
  | { type: 'load'; options: LoadOptions }
  | { type: 'run'; id: number; request: GenerateRequest | EmbedRequest }
  | { type: 'cancel'; id: number }
  | { type: 'count'; id: number; text: string }

export interface ChildUsage {
  inputTokens: number
  outputTokens: number
  cachedTokens: number
  cpuSeconds: number
  queueSeconds: number
}

export type ChildEvent =
  | { id: number; type: 'text'; text: string; logprobs?: TokenLogprob[] }
  | { id: number; type: 'tool-call'; call: ToolCall }
  | { id: number; type: 'embeddings'; vectors: Float32Array[] }
  | { id: number; type: 'count'; tokens: number }
  | { id: number; type: 'end'; finishReason: FinishReason; usage: ChildUsage }
  | { id: number; type: 'error'; code: FailureCode; message: string; param: string | undefined }

export type FromChild =
  | { type: 'ready' }
  | { type: 'load-failed'; message: string }
  | { type: 'events'; events: ChildEvent[] }
  /** `progress` grows with every step of the model, so a stuck native call shows. */
  | { type: 'beat'; progress: number }
