/** What the server and an ONNX process say to each other. */
import type { Match, RecordPair } from '../../models/specialist/matcher.ts'
import type { Classification } from '../../models/specialist/probabilities.ts'
import type { FoundSpan } from '../../models/specialist/tagger.ts'
import type { Tensor } from '../contract.ts'

/** What is asked of a model: tensors of any, texts of a specialist. */
export type Ask =
  | { kind: 'tensors'; inputs: Record<string, Tensor> }
  | { kind: 'classify' | 'tag'; texts: string[] }
  | { kind: 'match'; pairs: RecordPair[] }

export type Answer =
  | { kind: 'tensors'; outputs: Record<string, Tensor> }
  /** With the words that the texts have. */
  | { kind: 'classify'; classifications: Classification[]; words: number }
  | { kind: 'tag'; spans: FoundSpan[][]; words: number }
  | { kind: 'match'; matches: Match[]; words: number }

export type ToChild =
  | {
      type: 'run'
      hash: string
      /** Files by role; read when the process has no session for the hash yet. */
      files: Record<string, string>
      ask: Ask
    }
  | { type: 'release'; hash: string }

export type FromChild =
  | { type: 'done'; answer: Answer; cpuSeconds: number; loadSeconds: number }
  | { type: 'load-failed' | 'run-failed'; message: string }
  | { type: 'unsupported'; message: string }
