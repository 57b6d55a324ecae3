/** Makes, measures and uses specialists on this machine, without a server. */
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Presets, SingleBar } from 'cli-progress'
import { z } from 'zod'
import { loadConfig } from '../config.ts'
import { AppError } from '../errors.ts'
import { type Made, makeSpecialist, measureFile } from '../forge/make.ts'
import { openSpecialist } from '../forge/open.ts'
import { packageFiles, readPackage } from '../forge/package.ts'
import type { Measured } from '../forge/specialist-task.ts'
import type { TaskName } from '../forge/tasks.ts'
import type { Specialist } from '../models/specialist/specialist.ts'
import { printJson, printLine, printTable, shortNumber } from './print.ts'

interface FolderOptions {
  to?: string
}

interface ColumnOptions {
  text?: string
  label?: string
  left?: string
  right?: string
}

interface TrainOptions extends FolderOptions, ColumnOptions {
  name: string
  task: TaskName
  data: string
  valid?: string
  test?: string
  budgetS: string
  seed: string
  json?: boolean
}

const namePattern = /^[a-z0-9][a-z0-9._-]{0,99}$/

function folderOf(name: string, { to }: FolderOptions): string {
  if (!namePattern.test(name)) {
    throw new AppError(
      'invalid_request',
      `"${name}" is no name for a specialist: lower-case letters, digits, dots and dashes, at most 100.`,
    )
  }
  return join(rootOf({ ...(to ? { to } : {}) }), name)
}

const rootOf = ({ to }: FolderOptions) =>
  to ? resolve(to) : join(loadConfig({}).dataFolder, 'forge')
const columnsOf = ({ text, label, left, right }: ColumnOptions) => ({
  ...(text ? { text } : {}),
  ...(label ? { label } : {}),
  ...(left ? { left } : {}),
  ...(right ? { right } : {}),
})

function numberOption(value: string, name: string, min: number): number {
  const number = Number(value)
  if (Number.isFinite(number) && number >= min) return number
  throw new AppError('invalid_request', `--${name} is a number from ${min} up, not "${value}".`)
}

export async function train(options: TrainOptions): Promise<void> {
  const stopped = new AbortController()
  process.once('SIGINT', () =>
    stopped.abort(new AppError('cancelled', 'Training was stopped; nothing was changed.')),
  )
  const bar = new SingleBar(
    { format: '{step} {bar} {percentage} %, {eta_formatted} left', noTTYOutput: false },
    Presets.shades_classic,
  )
  const quiet = options.json || !process.stdout.isTTY
  if (!quiet) bar.start(100, 0, { step: 'starting' })
  let made: Made
  try {
    made = await makeSpecialist({
      name: options.name,
      task: options.task,
      folder: folderOf(options.name, options),
      data: options.data,
      valid: options.valid,
      test: options.test,
      columns: columnsOf(options),
      budgetSeconds: numberOption(options.budgetS, 'budget-s', 0),
      seed: numberOption(options.seed, 'seed', 0),
      signal: stopped.signal,
      progress: (step, share) => {
        if (!quiet) bar.update(Math.round(share * 100), { step })
      },
    })
  } finally {
    bar.stop()
  }
  if (options.json) return printJson(summary(made))
  printMade(made)
}

/** Without the long lists, which are in the package. */
function summary(made: Made) {
  const evaluation = Object.entries(made.evaluation).map(([role, one]) => [role, figuresOf(one)])
  return { ...made, evaluation: Object.fromEntries(evaluation) }
}

function figuresOf(one: Measured) {
  if (one.kind !== 'label') return one
  const { rows, accuracy, macroF1, calibrationError, answered } = one
  return { rows, accuracy, macroF1, calibrationError, answered }
}

const percent = (share: number) => `${(share * 100).toFixed(2)} %`

function printMade(made: Made): void {
  for (const note of made.notes) printLine(note)
  for (const { message, fix, count } of made.findings) {
    printLine(`! ${message} (${count} rows)`)
    printLine(`  ${fix}`)
  }
  printLine(
    `${made.name}: ${made.labels} labels from ${made.rows} rows, ${shortNumber(made.parameters)} weights, ${(made.bytes / 1e6).toFixed(2)} MB`,
  )
  printLine(
    `${made.cpuSeconds.toFixed(1)} s of processor time, ${shortNumber(made.joules)} J (${made.joulesSource})`,
  )
  printLine()
  for (const [role, one] of Object.entries(made.evaluation)) printMeasured(role, one)
}

function printMeasured(role: string, one: Measured): void {
  if (one.kind === 'labels') {
    printTable(
      ['on', 'rows', 'all labels right', 'micro F1'],
      [[role, one.rows, range(one.exact), one.microF1.toFixed(4)]],
    )
  } else if (one.kind === 'pairs') {
    printTable(
      ['on', 'pairs', 'F1 (95 % interval)', 'precision', 'recall', 'calibration error'],
      [
        [
          role,
          one.rows,
          range(one.f1),
          percent(one.precision),
          percent(one.recall),
          one.calibrationError.toFixed(4),
        ],
      ],
    )
  } else if (one.kind === 'spans') {
    printTable(
      ['on', 'rows', 'F1 (95 % interval)', 'precision', 'recall'],
      [[role, one.rows, range(one.f1), percent(one.precision), percent(one.recall)]],
    )
    printTable(
      ['label', 'F1', 'precision', 'recall', 'spans'],
      one.perLabel.map(({ label, f1, precision, recall, support }) => [
        label,
        percent(f1),
        percent(precision),
        percent(recall),
        support,
      ]),
    )
  } else printLabelled(role, one)
  printLine()
}

function printLabelled(role: string, one: Extract<Measured, { kind: 'label' }>): void {
  printTable(
    ['on', 'rows', 'accuracy (95 % interval)', 'macro F1', 'calibration error'],
    [
      [
        role,
        one.rows,
        range(one.accuracy),
        one.macroF1.toFixed(4),
        one.calibrationError.toFixed(4),
      ],
    ],
  )
  if (one.answered.length === 0) return
  printTable(
    ['answers right', 'answered', 'really right', 'from probability'],
    one.answered.map(({ target, coverage, accuracy, probability }) => [
      percent(target),
      percent(coverage),
      percent(accuracy),
      probability.toFixed(3),
    ]),
  )
}

const range = ({ value, low, high }: { value: number; low: number; high: number }) =>
  `${percent(value)} (${(low * 100).toFixed(2)} to ${(high * 100).toFixed(2)})`

export async function evaluate(
  name: string,
  options: FolderOptions & ColumnOptions & { data: string; json?: boolean },
): Promise<void> {
  const { evaluation, notes } = await measureFile(
    folderOf(name, options),
    options.data,
    columnsOf(options),
  )
  if (options.json) return printJson({ name, notes, ...evaluation })
  for (const note of notes) printLine(note)
  printMeasured(options.data, evaluation)
  if (evaluation.kind === 'label' && evaluation.confused.length > 0) {
    printTable(
      ['is', 'was taken for', 'times'],
      evaluation.confused
        .slice(0, 10)
        .map(({ label, predicted, count }) => [label, predicted, count]),
    )
  }
}

const linesAtOnce = 512

export async function predict(
  name: string,
  options: FolderOptions & { top: string },
): Promise<void> {
  const top = numberOption(options.top, 'top', 1)
  const { specialist, close } = await openSpecialist(await readPackage(folderOf(name, options)))
  let lines: string[] = []
  const flush = async () => {
    for (const one of await answersTo(lines, specialist, top)) printJson(one)
    lines = []
  }
  const input = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of input) {
    lines.push(line)
    if (lines.length >= linesAtOnce) await flush()
  }
  await flush()
  await close()
}

async function answersTo(lines: string[], specialist: Specialist, top: number): Promise<object[]> {
  if (specialist.task === 'match') {
    return specialist.matcher.match(lines.filter((line) => line !== '').map(pairOf))
  }
  if (specialist.task === 'tag') {
    return (await specialist.tagger.tag(lines)).map((spans, at) => ({ text: lines[at], spans }))
  }
  const { multiple } = specialist.contract
  return (await specialist.classifier.classify(lines)).map(({ labels, unknown }, at) => {
    const shown = multiple
      ? labels.filter(({ probability }) => probability >= 0.5)
      : labels.slice(0, top)
    const label = unknown ? null : (shown[0]?.label ?? null)
    return { text: lines[at], label, unknown, labels: shown }
  })
}

const pairSchema = z.object({
  left: z.record(z.string(), z.string()),
  right: z.record(z.string(), z.string()),
})

function pairOf(line: string) {
  try {
    return pairSchema.parse(JSON.parse(line))
  } catch (cause) {
    const message = `A line to match is {"left": {...}, "right": {...}} with texts as fields, not ${line.slice(0, 60)}.`
    throw new AppError('invalid_request', message, { cause })
  }
}

const recipeSchema = z.looseObject({
  task: z.string(),
  rows: z.number(),
  madeAt: z.string(),
  cpuSeconds: z.number(),
})

export async function list(options: FolderOptions & { json?: boolean }): Promise<void> {
  const names = (await readdir(rootOf(options)).catch(() => [])).filter((name) =>
    namePattern.test(name),
  )
  const found = []
  for (const name of names.sort()) {
    const read = await readPackage(folderOf(name, options))
    found.push({ name, bytes: read.sizeBytes, ...read.json(packageFiles.recipe, recipeSchema) })
  }
  if (options.json) return printJson(found)
  if (found.length === 0) {
    return printLine(
      'No specialists here yet. Make one with: bastide forge train --name NAME --data FILE',
    )
  }
  printTable(
    ['name', 'task', 'rows', 'made', 'CPU-s', 'MB'],
    found.map(({ name, task, rows, madeAt, cpuSeconds, bytes }) => [
      name,
      task,
      rows,
      madeAt.slice(0, 16).replace('T', ' '),
      cpuSeconds.toFixed(1),
      (bytes / 1e6).toFixed(2),
    ]),
  )
}

export async function show(
  name: string,
  options: FolderOptions & { json?: boolean },
): Promise<void> {
  const read = await readPackage(folderOf(name, options))
  const recipe = read.json(packageFiles.recipe, z.looseObject({}))
  const evaluation = read.json(packageFiles.evaluation, z.record(z.string(), z.custom<Measured>()))
  if (options.json) return printJson({ name, recipe, evaluation })
  for (const [key, value] of Object.entries(recipe)) {
    printLine(`${key}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  }
  printLine()
  for (const [role, one] of Object.entries(evaluation)) printMeasured(role, one)
}
