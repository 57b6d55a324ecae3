/** From rows of a file to texts with class numbers. */
import { AppError } from '../../errors.ts'
import type { Cell, Row, Table } from '../data/table.ts'
import type { ClassifyTask, Example } from './train.ts'

export interface Columns {
  text: string
  label: string
}

const labelNames = ['label', 'labels', 'category', 'class', 'intent', 'target', 'tag', 'topic', 'y']
const textNames = [
  'text',
  'sentence',
  'utterance',
  'query',
  'question',
  'message',
  'content',
  'body',
  'x',
]

/** The columns asked for, or those whose names or contents say what they are. */
export function columnsOf(table: Table, asked: Partial<Columns>): Columns {
  const { columns } = table
  const named = (names: readonly string[]) =>
    names.find((name) => columns.some((one) => one.toLowerCase() === name))
  const found = (name: string | undefined) =>
    columns.find((one) => one.toLowerCase() === name?.toLowerCase())
  const label = asked.label ?? found(named(labelNames))
  const text = asked.text ?? found(named(textNames)) ?? columns.find((one) => one !== label)
  const guessed = label ?? (columns.length === 2 ? columns.find((one) => one !== text) : undefined)
  if (text === undefined || guessed === undefined) {
    throw unusable(
      columns.length === 1
        ? `the file has a single column, ${quoted(columns)}: is it cut at the right places? Columns are separated by commas, semicolons, tabs or |`
        : `it is not clear which of ${quoted(columns)} is the text and which the label; say it with --text and --label`,
    )
  }
  for (const one of [text, guessed]) {
    if (!columns.includes(one))
      throw unusable(`there is no column "${one}" among ${quoted(columns)}`)
  }
  if (text === guessed) throw unusable(`"${text}" cannot be both the text and the label`)
  return { text, label: guessed }
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')
const unusable = (why: string) =>
  new AppError('invalid_request', `The data cannot be used: ${why}.`, { param: 'data' })

const labelsOf = (cell: Cell | undefined): string[] => {
  const all = typeof cell === 'string' ? [cell] : [...(cell ?? [])]
  return all.map((one) => one.trim()).filter((one) => one !== '')
}
const textOf = (cell: Cell | undefined) =>
  typeof cell === 'string' ? cell : (cell ?? []).join('\n')

export interface Reading {
  examples: Example[]
  /** Place in the file of each example. */
  rows: number[]
  /** Rows without text or label, and those with a label that is not known. */
  left: { empty: number[]; unknownLabel: number[] }
}

/** Classes in the order of their names; several labels in a row make all rows have any number of them. */
export function taskOf(table: Table, { label }: Columns): ClassifyTask {
  const lists = table.rows.some((row) => Array.isArray(row[label]))
  const labels = [...new Set(table.rows.flatMap((row) => labelsOf(row[label])))].sort()
  const single = lists && table.rows.every((row) => labelsOf(row[label]).length <= 1)
  if (labels.length < 2) {
    const what =
      labels.length === 0 ? 'no row has a label' : `every row has the label "${labels[0]}"`
    throw unusable(`${what}, and there is nothing to tell apart; give rows of two classes at least`)
  }
  return { labels, multiple: lists && !single }
}

export function examplesOf(table: Table, { text, label }: Columns, task: ClassifyTask): Reading {
  const numbers = new Map(task.labels.map((name, at) => [name, at]))
  const reading: Reading = { examples: [], rows: [], left: { empty: [], unknownLabel: [] } }
  for (const [at, row] of table.rows.entries()) read(row, at)
  return reading

  function read(row: Row, at: number): void {
    const [content, names] = [textOf(row[text]), labelsOf(row[label])]
    const known = names.flatMap((name) => numbers.get(name) ?? [])
    if (content.trim() === '' || (names.length === 0 && !task.multiple)) reading.left.empty.push(at)
    else if (known.length < names.length) reading.left.unknownLabel.push(at)
    else {
      reading.examples.push({ text: content, labels: known })
      reading.rows.push(at)
    }
  }
}
