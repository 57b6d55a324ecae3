/** From rows of a file to pairs of records that are the same or not. */
import { AppError } from '../../errors.ts'
import type { RecordPair } from '../../models/specialist/matcher.ts'
import type { FieldMap } from '../../models/specialist/similarity.ts'
import type { Cell, Row, Table } from '../data/table.ts'
import type { Columns } from '../specialist-task.ts'

export interface LabelledPair extends RecordPair {
  /** 1: the same. */
  same: 0 | 1
}

const unusable = (why: string) =>
  new AppError('invalid_request', `The data cannot be used: ${why}.`, { param: 'data' })

const labelNames = ['label', 'match', 'same', 'is_match', 'y']
const yes = new Set(['1', 'true', 'yes', 'match', 'same'])
const no = new Set(['0', 'false', 'no', 'no match', 'different', ''])
/** A text compared with a text is a record of one field. */
const textField = 'text'

/** Columns `left` and `right` (texts, or records as JSON objects), or `left_name`, `right_name` and so on. */
export function readPairs(table: Table, columns: Columns): LabelledPair[] {
  const label =
    columns.label ?? table.columns.find((name) => labelNames.includes(name.toLowerCase()))
  if (!label)
    throw unusable('there is no column that says whether a pair is the same; name it with --label')
  return table.rows.map((row, at) => ({
    ...pairOf(row, columns, at + 1),
    same: sameOf(row[label], at + 1),
  }))
}

function pairOf(row: Row, columns: Columns, at: number): RecordPair {
  const [left, right] = [row[columns.left ?? 'left'], row[columns.right ?? 'right']]
  if (left !== undefined && right !== undefined)
    return { left: recordOf(left), right: recordOf(right) }
  const prefixed = (prefix: string) =>
    Object.fromEntries(
      Object.entries(row).flatMap(([name, cell]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), textOf(cell)]] : [],
      ),
    )
  const pair = { left: prefixed('left_'), right: prefixed('right_') }
  if (Object.keys(pair.left).length > 0 && Object.keys(pair.right).length > 0) return pair
  throw unusable(
    `row ${at} has no two sides; give columns left and right, or left_name, right_name and so on, or name them with --left and --right`,
  )
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.join(' '))

function recordOf(cell: Cell): FieldMap {
  const text = textOf(cell)
  if (!text.startsWith('{')) return { [textField]: text }
  try {
    const parsed = JSON.parse(text) as Record<string, unknown>
    const named = Object.entries(parsed).filter(
      ([, value]) => value !== null && value !== undefined,
    )
    return Object.fromEntries(
      named.map(([name, value]) => [
        name,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
    )
  } catch {
    return { [textField]: text }
  }
}

function sameOf(cell: Cell | undefined, at: number): 0 | 1 {
  const text = textOf(cell ?? '')
    .trim()
    .toLowerCase()
  if (yes.has(text)) return 1
  if (no.has(text)) return 0
  throw unusable(`row ${at} says neither yes nor no, but "${text.slice(0, 40)}"`)
}
