/** What the server and an ONNX process say to each other. */
import type { Tensor } from '../contract.ts'

export type ToChild =
  | {
      type: 'run'
      hash: string
      /** Read when the process has no session for the hash yet. */
      path: string
      inputs: Record<string, Tensor>
    }
  | { type: 'release'; hash: string }

export type FromChild =
  | {
      type: 'done'
      outputs: Record<string, Tensor>
      cpuSeconds: number
      loadSeconds: number
    }
  | { type: 'load-failed' | 'run-failed'; message: string }
  | { type: 'unsupported'; message: string }
