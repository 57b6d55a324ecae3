/** What Forge needs to know of a task to make a specialist for it. */
import type { Evaluation, LabelsEvaluation } from './classify/evaluate.ts'
import type { Finding } from './data/checks.ts'
import type { Table } from './data/table.ts'
import type { PairsEvaluation } from './match/evaluate.ts'
import type { SpansEvaluation } from './tag/evaluate.ts'

/** How good a specialist is on some rows, by what its answers are. */
export type Measured =
  | ({ kind: 'label' } & Evaluation)
  | ({ kind: 'labels' } & LabelsEvaluation)
  | ({ kind: 'spans' } & SpansEvaluation)
  | ({ kind: 'pairs' } & PairsEvaluation)

/** Columns by what they are for; undefined: by their names. */
export type Columns = Partial<Record<'text' | 'label' | 'left' | 'right', string>>

export interface Read<Data> {
  data: Data
  /** Examples that can be used. */
  count: number
  labels: readonly string[]
  /** What was left out, and why. */
  notes: string[]
}

export interface TrainOptions {
  seed: number
  /** Processor time that choosing may take, beside what the chosen model itself takes. */
  budgetSeconds: number
  progress(step: string, share: number): void
  signal?: AbortSignal | undefined
}

export interface Trained {
  /** Files of the package, beside recipe and evaluation: bytes, or what is written as JSON. */
  files: Record<string, Uint8Array | object>
  /** Numbers that were learned. */
  parameters: number
  /** What was decided by trying. */
  settings: object
  /** On rows that were held out of training. */
  heldOut: Measured
}

export interface SpecialistTask<Data> {
  /** Examples of a table. Where a specialist exists already, its labels are those that count. */
  read(table: Table, columns: Columns, labels?: readonly string[]): Read<Data>
  check(learned: Data, measured: readonly Data[]): Finding[]
  train(data: Data, options: TrainOptions): Trained
  /** A package on examples: what is served is what is measured. */
  measure(folder: string, data: Data): Promise<Measured>
}
