/** From data files to a specialist's package, with everything that is to be known about it. */
import { cpus } from 'node:os'
import { z } from 'zod'
import { choosePowerModel } from '../compute/power/model.ts'
import { AppError } from '../errors.ts'
import { version } from '../version.ts'
import type { Finding } from './data/checks.ts'
import { readTable, type Table } from './data/table.ts'
import { manifestOf } from './manifest.ts'
import { packageFiles, readPackage, writePackage } from './package.ts'
import { cpuSeconds } from './processor-time.ts'
import type { Columns, Measured, Read, SpecialistTask, TrainOptions } from './specialist-task.ts'
import { type TaskName, taskOf } from './tasks.ts'

export interface MakeOptions extends TrainOptions {
  name: string
  task: TaskName
  /** Where the package goes. */
  folder: string
  data: string
  valid?: string | undefined
  test?: string | undefined
  columns: Columns
}

export interface Made {
  name: string
  task: TaskName
  labels: number
  rows: number
  parameters: number
  /** Of all files of the package. */
  bytes: number
  cpuSeconds: number
  wallSeconds: number
  joules: number
  joulesSource: string
  /** By the role of the rows: `held_out`, `valid`, `test`. */
  evaluation: Record<string, Measured>
  findings: Finding[]
  notes: string[]
}

/** Beyond this, training would take hours. */
const rowsMax = 2_000_000

interface Source {
  role: string
  path: string
  table: Table
  read: Read<unknown>
}

export async function makeSpecialist(options: MakeOptions): Promise<Made> {
  const startedAt = { cpu: cpuSeconds(), wall: performance.now() }
  const task = taskOf(options.task)
  options.progress('reading the data', 0)
  const data = await sourceOf(task, 'data', options.data, options.columns)
  const measured = await measuredSources(task, options, data.read.labels)
  if (data.read.count > rowsMax) {
    const message = `${options.data} has ${data.read.count} rows; at most ${rowsMax} can be learned from.`
    throw new AppError('too_large', message)
  }
  const findings = task.check(
    data.read.data,
    measured.map(({ read }) => read.data),
  )
  const { files, parameters, settings, heldOut } = task.train(data.read.data, options)
  const used = cpuSeconds() - startedAt.cpu
  const recipe = recipeOf(options, data, settings, used)
  const evaluation: Record<string, Measured> = { held_out: heldOut }
  const write = () =>
    writePackage(
      options.folder,
      {
        ...files,
        [packageFiles.recipe]: recipe,
        [packageFiles.evaluation]: evaluation,
      },
      (written) =>
        manifestOf({
          name: options.name,
          task: options.task,
          labels: data.read.labels,
          rows: data.read.count,
          data: data.table.sha256,
          parameters,
          evaluation,
          files: written,
        }),
    )
  await write()
  for (const [at, { role, read }] of measured.entries()) {
    options.progress(`measuring on the ${role} rows`, 0.9 + 0.1 * (at / measured.length))
    evaluation[role] = await task.measure(options.folder, read.data)
  }
  if (measured.length > 0) await write()
  return {
    name: options.name,
    task: options.task,
    labels: data.read.labels.length,
    rows: data.read.count,
    parameters,
    bytes: (await readPackage(options.folder)).sizeBytes,
    cpuSeconds: used,
    wallSeconds: (performance.now() - startedAt.wall) / 1000,
    joules: recipe.joules,
    joulesSource: recipe.joulesSource,
    evaluation,
    findings,
    notes: [data, ...measured].flatMap(notesOf),
  }
}

function recipeOf(
  { task, columns, seed }: MakeOptions,
  data: Source,
  settings: object,
  used: number,
) {
  const power = choosePowerModel(0)
  return {
    bastide: version,
    task,
    data: data.table.sha256,
    rows: data.read.count,
    columns,
    seed,
    settings,
    cpuSeconds: used,
    joules: used * power.wattsPerThread,
    joulesSource: `estimated: ${power.detail}`,
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    madeAt: new Date().toISOString(),
  }
}

async function sourceOf(
  task: SpecialistTask<unknown>,
  role: string,
  path: string,
  columns: Columns,
  labels?: readonly string[],
): Promise<Source> {
  const table = await readTable(path)
  const read = task.read(table, columns, labels)
  if (read.count > 0) return { role, path, table, read }
  throw new AppError('invalid_request', `${path} has no row that can be used.`, { param: 'data' })
}

async function measuredSources(
  task: SpecialistTask<unknown>,
  { valid, test, columns }: MakeOptions,
  labels: readonly string[],
): Promise<Source[]> {
  const roles = [
    ['valid', valid],
    ['test', test],
  ] as const
  const given = roles.filter(([, path]) => path !== undefined)
  return Promise.all(given.map(([role, path]) => sourceOf(task, role, path!, columns, labels)))
}

const notesOf = ({ path, table, read }: Source): string[] =>
  [...table.notes, ...read.notes].map((note) => `${path}: ${note}`)

const knownSchema = z.looseObject({
  task: z.enum(['classify', 'tag', 'match']),
  labels: z.array(z.string()).optional(),
})

/** A package's evaluation on a file of labelled rows. */
export async function measureFile(folder: string, path: string, columns: Columns) {
  const known = (await readPackage(folder)).json(packageFiles.contract, knownSchema)
  const task = taskOf(known.task)
  const source = await sourceOf(task, 'data', path, columns, known.labels)
  return { evaluation: await task.measure(folder, source.read.data), notes: notesOf(source) }
}
