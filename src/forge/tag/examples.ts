/** From rows of a file to words with tags: spans in a text, or words with tags in BIO, IOB or IO notation. */
import { AppError } from '../../errors.ts'
import { tokensOf } from '../../models/specialist/tokens.ts'
import { beginTag, insideTag } from '../../models/specialist/viterbi.ts'
import type { Cell, Row, Table } from '../data/table.ts'
import type { Columns } from '../specialist-task.ts'

export interface TaggedWords {
  words: string[]
  tags: Int32Array
}

export interface TagReading {
  examples: TaggedWords[]
  labels: readonly string[]
  notes: string[]
}

interface GivenSpan {
  start: number
  end: number
  label: string
}

/** A row as words and the name of the tag of each, `O` outside. */
interface NamedTags {
  words: string[]
  names: string[]
  /** Spans whose ends lie inside a word. */
  uneven: number
}

const unusable = (why: string) =>
  new AppError('invalid_request', `The data cannot be used: ${why}.`, { param: 'data' })

export function readTagged(table: Table, columns: Columns, known?: readonly string[]): TagReading {
  const rows = table.rows.map((row, at) => namedTags(row, columns, at + 1))
  const found = new Set(
    rows.flatMap(({ names }) => names.filter((name) => name !== 'O').map(labelOf)),
  )
  const labels = known ?? [...found].sort()
  if (labels.length === 0) throw unusable('no row has a span; give rows with what is to be found')
  const strange = [...found].filter((label) => !labels.includes(label))
  const uneven = rows.reduce((sum, row) => sum + row.uneven, 0)
  return {
    labels,
    examples: rows
      .filter(({ words }) => words.length > 0)
      .map(({ words, names }) => ({ words, tags: tagsOf(names, labels) })),
    notes: [
      ...(uneven > 0
        ? [`${uneven} spans begin or end inside a word and were widened to whole words.`]
        : []),
      ...(strange.length > 0
        ? [`Labels that were not learned count as nothing: ${strange.join(', ')}.`]
        : []),
    ],
  }
}

function namedTags(row: Row, columns: Columns, at: number): NamedTags {
  const [text, label] = [
    columns.text ?? firstOf(row, ['text', 'tokens', 'words', 'sentence']),
    columns.label ?? firstOf(row, ['spans', 'entities', 'tags', 'ner_tags', 'labels', 'label']),
  ]
  const [content, marks] = [text ? row[text] : undefined, label ? row[label] : undefined]
  if (content === undefined) throw unusable(`row ${at} has no text and no words`)
  if (typeof content !== 'string') return wordsWithTags(content, marks, at)
  return textWithSpans(content, spansOf(marks, at))
}

const firstOf = (row: Row, names: readonly string[]) =>
  names.find((name) => row[name] !== undefined)

function wordsWithTags(words: readonly string[], tags: Cell | undefined, at: number): NamedTags {
  const names = typeof tags === 'string' ? tags.split(/\s+/) : [...(tags ?? [])]
  if (names.length !== words.length) {
    throw unusable(`row ${at} has ${words.length} words and ${names.length} tags`)
  }
  return { words: [...words], names, uneven: 0 }
}

function spansOf(marks: Cell | undefined, at: number): GivenSpan[] {
  const list: unknown[] = typeof marks === 'string' ? [] : (marks ?? []).map((one) => parsed(one))
  return list.map((one) => {
    const span = (one ?? {}) as Partial<GivenSpan> & { entity?: unknown; type?: unknown }
    const label = span.label ?? span.entity ?? span.type
    const { start, end } = span
    if (
      typeof start !== 'number' ||
      typeof end !== 'number' ||
      start >= end ||
      typeof label !== 'string'
    ) {
      throw unusable(`row ${at} has a span that is not {start, end, label} with start before end`)
    }
    return { start, end, label }
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function textWithSpans(text: string, spans: readonly GivenSpan[]): NamedTags {
  const tokens = tokensOf(text)
  const names = new Array<string>(tokens.length).fill('O')
  let uneven = 0
  for (const { start, end, label } of spans) {
    const inside = [...tokens.keys()].filter(
      (at) => tokens[at]!.end > start && tokens[at]!.start < end,
    )
    const first = inside[0]
    if (first === undefined) continue
    if (tokens[first]!.start < start || tokens[inside.at(-1)!]!.end > end) uneven++
    for (const at of inside) names[at] = `${at === first ? 'B' : 'I'}-${label}`
  }
  return { words: tokens.map((token) => token.text), names, uneven }
}

const labelOf = (name: string) => name.replace(/^[BIESLU]-/, '')

/** Numbers of tags; an inside that follows nothing of its kind begins a span (IOB1 and IO notation). */
function tagsOf(names: readonly string[], labels: readonly string[]): Int32Array {
  return Int32Array.from(names, (name, at) => {
    const label = labels.indexOf(labelOf(name))
    if (name === 'O' || label < 0) return 0
    const previous = names[at - 1]
    const goesOn =
      !/^[BSU]-/.test(name) &&
      previous !== undefined &&
      previous !== 'O' &&
      labelOf(previous) === labelOf(name)
    return goesOn ? insideTag(label) : beginTag(label)
  })
}
