/** How many of the spans are found, whole and with the right label. */
import { type Span, spansOf } from '../../models/specialist/viterbi.ts'
import { type Interval, interval } from '../metrics/bootstrap.ts'
import { fScore } from '../metrics/classification.ts'

export interface SpansEvaluation {
  rows: number
  words: number
  /** Over all labels: a span counts when its ends and its label are right (CoNLL's measure). */
  f1: Interval
  precision: number
  recall: number
  perLabel: { label: string; precision: number; recall: number; f1: number; support: number }[]
}

export interface TaggedRow {
  right: Int32Array
  given: Int32Array
}

interface Counts {
  right: number
  given: number
  wanted: number
}

const keyOf = ({ start, end, label }: Span) => `${start} ${end} ${label}`

function countsOf({ right, given }: TaggedRow, label?: number): Counts {
  const chosen = (spans: Span[]) =>
    spans.filter((one) => label === undefined || one.label === label)
  const wanted = new Set(chosen(spansOf(right)).map(keyOf))
  const found = chosen(spansOf(given)).map(keyOf)
  return {
    right: found.filter((key) => wanted.has(key)).length,
    given: found.length,
    wanted: wanted.size,
  }
}

function together(rows: readonly Counts[]): Counts {
  return rows.reduce(
    (sum, one) => ({
      right: sum.right + one.right,
      given: sum.given + one.given,
      wanted: sum.wanted + one.wanted,
    }),
    { right: 0, given: 0, wanted: 0 },
  )
}

const scoreOf = ({ right, given, wanted }: Counts) => fScore(right, given, wanted)

export function evaluateSpans(
  rows: readonly TaggedRow[],
  labels: readonly string[],
): SpansEvaluation {
  const counts = rows.map((row) => countsOf(row))
  const { precision, recall } = scoreOf(together(counts))
  return {
    rows: rows.length,
    words: rows.reduce((sum, { right }) => sum + right.length, 0),
    f1: interval(counts, (some) => scoreOf(together(some)).f1),
    precision,
    recall,
    perLabel: labels.map((label, at) => {
      const own = together(rows.map((row) => countsOf(row, at)))
      return { label, ...scoreOf(own), support: own.wanted }
    }),
  }
}
