/** Reads a data file as rows of named texts: CSV, TSV, JSON, JSON lines, Parquet, CoNLL. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { parse as parseCsv } from 'csv-parse/sync'
import { parquetReadObjects } from 'hyparquet'
import { AppError } from '../../errors.ts'
import { conllRecords, looksLikeConll } from './conll.ts'
import { decodeText } from './decode.ts'
import { fineTuningColumns } from './fine-tuning.ts'

/** A list where the file has one, e.g. several labels. */
export type Cell = string | readonly string[]
export type Row = Readonly<Record<string, Cell>>

export interface Table {
  columns: string[]
  rows: Row[]
  /** Of the file's bytes: what a recipe names the data by. */
  sha256: string
  /** What was unusual about reading it. */
  notes: string[]
}

const fileBytesMax = 2 * 2 ** 30
const fieldCharactersMax = 10 * 2 ** 20
const parquetMagic = 'PAR1'

const unreadable = (name: string, why: string, cause?: unknown) =>
  new AppError('unreadable_file', `${name} cannot be read as data: ${why}`, { cause })

export async function readTable(path: string): Promise<Table> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, 'there is no such file, or it may not be read.', cause)
  })
  if (size > fileBytesMax) {
    throw new AppError(
      'too_large',
      `${path} has ${(size / 1e9).toFixed(1)} GB; at most 2 can be read.`,
    )
  }
  return parseTable(await readFile(path), path)
}

/** The rows of a file's bytes; its name is for messages, and tells JSON lines from JSON where both could be. */
export async function parseTable(bytes: Buffer, name: string): Promise<Table> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (bytes.length === 0) throw unreadable(name, 'it is empty. Give a file with a row per example.')
  const { records, notes } = await recordsOf(bytes, name)
  if (records.length === 0) throw unreadable(name, 'it has no rows. Give a row per example.')
  const rows = records.map((record, at) => rowOf(record, name, at + 1))
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return { columns, rows, sha256, notes }
}

interface Read {
  records: unknown[]
  notes: string[]
}

async function recordsOf(bytes: Buffer, name: string): Promise<Read> {
  if (bytes.subarray(0, 4).toString('latin1') === parquetMagic) {
    return { records: await parquetRecords(bytes, name), notes: [] }
  }
  const { text, notes } = decodeText(bytes)
  const first = text.trimStart()[0]
  if (first === '[') return { records: jsonArray(text, name), notes }
  if (first === '{') return { records: jsonLines(text, name), notes }
  if (looksLikeConll(text)) return { records: conllRecords(text), notes }
  return { records: csvRecords(text, name, notes), notes }
}

async function parquetRecords(bytes: Buffer, name: string): Promise<unknown[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  try {
    return await parquetReadObjects({ file })
  } catch (cause) {
    throw unreadable(name, `its Parquet is broken, or compressed in a way not known here.`, cause)
  }
}

function jsonArray(text: string, name: string): unknown[] {
  try {
    return JSON.parse(text) as unknown[]
  } catch (cause) {
    throw unreadable(name, `it begins as JSON and is none (${String(cause)}).`, cause)
  }
}

function jsonLines(text: string, name: string): unknown[] {
  const records: unknown[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    try {
      records.push(JSON.parse(line))
    } catch (cause) {
      throw unreadable(name, `line ${at + 1} is no JSON object (${String(cause)}).`, cause)
    }
  }
  return records
}

const delimiters = [',', ';', '\t', '|']
const sniffedCharacters = 65_536

function csvRecords(text: string, name: string, notes: string[]): unknown[] {
  const delimiter = delimiterOf(text)
  if (delimiter !== ',') notes.push(`Columns are separated by ${JSON.stringify(delimiter)}.`)
  try {
    return parseCsv(text, {
      delimiter,
      columns: (header: string[]) => header.map((column) => column.trim()),
      skip_empty_lines: true,
      max_record_size: fieldCharactersMax * 4,
    })
  } catch (cause) {
    throw unreadable(name, `${cause instanceof Error ? cause.message : String(cause)}.`, cause)
  }
}

/** The one that cuts the first lines into most columns, as many in each line. */
function delimiterOf(text: string): string {
  const head = text.slice(0, sniffedCharacters)
  const whole = text.length > head.length ? head.slice(0, head.lastIndexOf('\n')) : head
  const widthOf = (delimiter: string): number => {
    try {
      const lines = parseCsv(whole, { delimiter, skip_empty_lines: true }) as string[][]
      return lines[0]?.length ?? 0
    } catch {
      // Lines of different widths, or quotes that never end: not this one.
      return 0
    }
  }
  const widths = delimiters.map(widthOf)
  const widest = Math.max(...widths)
  return widest > 1 ? delimiters[widths.indexOf(widest)]! : ','
}

function rowOf(record: unknown, name: string, at: number): Row {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw unreadable(name, `row ${at} is not an object with named fields.`)
  }
  const row: Record<string, Cell> = {}
  for (const [column, value] of Object.entries(fineTuningColumns(record))) {
    const cell = cellOf(value)
    if (cell === undefined) continue
    if (typeof cell === 'string' && cell.length > fieldCharactersMax) {
      throw unreadable(
        name,
        `row ${at} has ${cell.length} characters in "${column}"; at most ${fieldCharactersMax} are read.`,
      )
    }
    row[column] = cell
  }
  return row
}

function cellOf(value: unknown): Cell | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return value
  if (Array.isArray(value))
    return value.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
