/** From data files to a classifier's package, with everything that is to be known about it. */
import { stat } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { choosePowerModel } from '../../compute/power/model.ts'
import { AppError } from '../../errors.ts'
import { version } from '../../version.ts'
import { checkExamples, checkLeakage, type Finding } from '../data/checks.ts'
import { readTable, type Table } from '../data/table.ts'
import { writePackage } from '../package.ts'
import type { Scored } from './calibrate.ts'
import {
  type Evaluation,
  evaluateClassifier,
  evaluateLabels,
  type LabelsEvaluation,
} from './evaluate.ts'
import { type Columns, columnsOf, examplesOf, type Reading, taskOf } from './examples.ts'
import { classifierFiles, openClassifier, specialistFiles } from './package.ts'
import { type ClassifyTask, type Example, trainClassifier } from './train.ts'

export interface MakeOptions {
  name: string
  /** Where the package goes. */
  folder: string
  data: string
  valid?: string | undefined
  test?: string | undefined
  columns: Partial<Columns>
  budgetSeconds: number
  seed: number
  progress(step: string, share: number): void
  signal?: AbortSignal
}

export type Measured = Evaluation | LabelsEvaluation

export interface Made {
  name: string
  task: 'classify'
  labels: number
  rows: number
  parameters: number
  bytes: number
  cpuSeconds: number
  wallSeconds: number
  joules: number
  joulesSource: string
  /** By the name of the file's role: `held_out`, `valid`, `test`. */
  evaluation: Record<string, Measured>
  findings: Finding[]
  notes: string[]
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Beyond this a word of memory per row and class does not fit. */
const rowsMax = 2_000_000

interface Source {
  role: string
  path: string
  table: Table
  reading: Reading
}

export async function makeClassifier(options: MakeOptions): Promise<Made> {
  const startedAt = { cpu: cpuSeconds(), wall: performance.now() }
  options.progress('reading the data', 0)
  const table = await readTable(options.data)
  const columns = columnsOf(table, options.columns)
  const task = taskOf(table, columns)
  const data = sourceOf('data', options.data, table, columns, task)
  const measured = await measuredSources(options, columns, task)
  const { examples } = data.reading
  if (examples.length > rowsMax) {
    throw new AppError(
      'too_large',
      `${options.data} has ${examples.length} rows; at most ${rowsMax} can be learned from.`,
    )
  }
  const findings = findingsOf(task, examples, measured)
  const classifier = trainClassifier(task, examples, {
    seed: options.seed,
    budgetSeconds: options.budgetSeconds,
    progress: options.progress,
    ...(options.signal ? { signal: options.signal } : {}),
  })
  const used = cpuSeconds() - startedAt.cpu
  const { files, parameters } = classifierFiles(classifier)
  const power = choosePowerModel(0)
  const recipe = {
    bastide: version,
    task: 'classify',
    data: data.table.sha256,
    rows: examples.length,
    columns,
    seed: options.seed,
    settings: classifier.settings,
    cpuSeconds: used,
    joules: used * power.wattsPerThread,
    joulesSource: `estimated: ${power.detail}`,
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    madeAt: new Date().toISOString(),
  }
  const held = classifier.heldOut
  const own = classifier.contract.multiple
    ? evaluateLabels(held, classifier.contract)
    : evaluateClassifier(held, classifier.contract, files['thresholds.json'] as [])
  const evaluation: Record<string, Measured> = { held_out: own }
  await writePackage(options.folder, {
    ...files,
    [specialistFiles.recipe]: recipe,
    [specialistFiles.evaluation]: evaluation,
  })
  for (const [at, source] of measured.entries()) {
    options.progress(`measuring on the ${source.role} rows`, 0.9 + 0.1 * (at / measured.length))
    evaluation[source.role] = await measure(options.folder, source.reading.examples)
  }
  await writePackage(options.folder, {
    ...files,
    [specialistFiles.recipe]: recipe,
    [specialistFiles.evaluation]: evaluation,
  })
  return {
    name: options.name,
    task: 'classify',
    labels: task.labels.length,
    rows: examples.length,
    parameters,
    bytes: (await stat(join(options.folder, specialistFiles.weights))).size,
    cpuSeconds: used,
    wallSeconds: (performance.now() - startedAt.wall) / 1000,
    joules: recipe.joules,
    joulesSource: recipe.joulesSource,
    evaluation,
    findings,
    notes: [data, ...measured].flatMap(notesOf),
  }
}

function sourceOf(
  role: string,
  path: string,
  table: Table,
  columns: Columns,
  task: ClassifyTask,
): Source {
  const reading = examplesOf(table, columns, task)
  if (reading.examples.length === 0) {
    throw new AppError('invalid_request', `${path} has no row with both a text and a known label.`)
  }
  return { role, path, table, reading }
}

async function measuredSources(
  { valid, test }: MakeOptions,
  columns: Columns,
  task: ClassifyTask,
): Promise<Source[]> {
  const sources: Source[] = []
  for (const [role, path] of [
    ['valid', valid],
    ['test', test],
  ] as const) {
    if (path) sources.push(sourceOf(role, path, await readTable(path), columns, task))
  }
  return sources
}

function findingsOf(task: ClassifyTask, examples: readonly Example[], measured: readonly Source[]) {
  const leaks = measured.flatMap(({ reading }) => checkLeakage(examples, reading.examples))
  return [...checkExamples(task, examples), ...leaks]
}

function notesOf({ path, table, reading: { left } }: Source): string[] {
  return [
    ...table.notes.map((note) => `${path}: ${note}`),
    ...(left.empty.length > 0
      ? [`${path}: ${left.empty.length} rows without text or label were left out.`]
      : []),
    ...(left.unknownLabel.length > 0
      ? [
          `${path}: ${left.unknownLabel.length} rows have labels that the data to learn from does not have; they were left out.`,
        ]
      : []),
  ]
}

/** A package on examples: what is served is what is measured. */
async function measure(folder: string, examples: readonly Example[]): Promise<Measured> {
  const opened = await openClassifier(folder)
  try {
    const scores = await opened.classifier.scores(examples.map(({ text }) => text))
    const rows: Scored[] = examples.map(({ labels }, at) => ({ scores: scores[at]!, labels }))
    return opened.contract.multiple
      ? evaluateLabels(rows, opened.contract)
      : evaluateClassifier(rows, opened.contract, opened.thresholds)
  } finally {
    await opened.close()
  }
}

/** A package's evaluation on a file of labelled rows. */
export async function measureFile(folder: string, path: string, asked: Partial<Columns>) {
  const table = await readTable(path)
  const columns = columnsOf(table, asked)
  const { contract, close } = await openClassifier(folder)
  await close()
  const source = sourceOf('data', path, table, columns, contract)
  return { evaluation: await measure(folder, source.reading.examples), notes: notesOf(source) }
}
