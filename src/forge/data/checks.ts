/** Looks at labelled texts before training, and says what is wrong, where, and what to do. */
import type { ClassifyTask, Example } from '../classify/train.ts'
import { essence } from './essence.ts'
import { findPersonal } from './personal.ts'

export interface Finding {
  code:
    | 'duplicates'
    | 'contradictions'
    | 'small_classes'
    | 'similar_labels'
    | 'label_is_text'
    | 'leakage'
    | 'personal_data'
    | 'scripts'
  /** What was found, in one sentence. */
  message: string
  /** What to do about it. */
  fix: string
  /** Rows concerned, counted from 0 over the examples; the first few. */
  rows: number[]
  count: number
}

const rowsShown = 20
/** With fewer rows than this in a class there is little to learn from, and nearly nothing to measure on. */
const smallClass = 10

const finding = (
  code: Finding['code'],
  rows: readonly number[],
  message: string,
  fix: string,
): Finding[] =>
  rows.length === 0
    ? []
    : [{ code, message, fix, rows: rows.slice(0, rowsShown), count: rows.length }]

export function checkExamples(task: ClassifyTask, examples: readonly Example[]): Finding[] {
  const groups = [...Map.groupBy(examples.keys(), (row) => essence(examples[row]!.text)).values()]
  const twins = groups.filter((rows) => rows.length > 1)
  const labelOf = (row: number) => String(examples[row]!.labels)
  const contradictory = twins.filter((rows) => new Set(rows.map(labelOf)).size > 1)
  const repeated = twins.filter((rows) => new Set(rows.map(labelOf)).size === 1)
  return [
    ...finding(
      'contradictions',
      contradictory.flat(),
      `${contradictory.length} texts have different labels in different rows.`,
      'Decide on one label for each; a model cannot learn both.',
    ),
    ...finding(
      'duplicates',
      repeated.flatMap((rows) => rows.slice(1)),
      `${repeated.length} texts occur more than once with the same label.`,
      'Keep one of each, unless the text really is that frequent.',
    ),
    ...smallClasses(task, examples),
    ...similarLabels(task, examples),
    ...finding(
      'label_is_text',
      [...examples.keys()].filter((row) =>
        examples[row]!.labels.some(
          (label) => essence(examples[row]!.text) === essence(task.labels[label]!),
        ),
      ),
      'Texts are the same as their labels.',
      'Check that the right column was taken as the text.',
    ),
    ...finding(
      'personal_data',
      [...examples.keys()].filter((row) => findPersonal(examples[row]!.text).length > 0),
      'Texts hold what looks like e-mail addresses, account or card numbers, or telephone numbers.',
      'Make sure that you may train on them, or replace them; a small model can give parts of them away.',
    ),
    ...scripts(examples),
  ]
}

function smallClasses(task: ClassifyTask, examples: readonly Example[]): Finding[] {
  const counts = countsOf(task, examples)
  const small = task.labels.filter((_, label) => counts[label]! < smallClass)
  const numbers = new Set(small.map((name) => task.labels.indexOf(name)))
  const rows = [...examples.keys()].filter((row) =>
    examples[row]!.labels.some((one) => numbers.has(one)),
  )
  return finding(
    'small_classes',
    rows,
    `${small.length} labels have fewer than ${smallClass} rows: ${listed(small)}.`,
    'Give more rows of them, join labels that mean nearly the same, or let a large model propose rows.',
  )
}

function countsOf(task: ClassifyTask, examples: readonly Example[]): number[] {
  const counts = new Array<number>(task.labels.length).fill(0)
  for (const { labels } of examples) for (const label of labels) counts[label]!++
  return counts
}

const listed = (names: readonly string[]) =>
  names
    .slice(0, 5)
    .map((name) => `"${name}"`)
    .join(', ') + (names.length > 5 ? ', …' : '')

/** Labels beyond which comparing each with each takes too long to be worth it. */
const comparedLabelsMax = 2000

/** A rare label that is one slip of the keyboard away from a frequent one. */
function similarLabels(task: ClassifyTask, examples: readonly Example[]): Finding[] {
  if (task.labels.length > comparedLabelsMax) return []
  const counts = countsOf(task, examples)
  const pairs: [rare: number, frequent: number][] = []
  for (const [rare, name] of task.labels.entries()) {
    for (const [frequent, other] of task.labels.entries()) {
      if (rare === frequent || counts[rare]! * 5 > counts[frequent]!) continue
      if (sameButForSlip(name, other)) pairs.push([rare, frequent])
    }
  }
  const rares = new Set(pairs.map(([rare]) => rare))
  const shown = pairs.map(([rare, frequent]) => `${task.labels[rare]} / ${task.labels[frequent]}`)
  return finding(
    'similar_labels',
    [...examples.keys()].filter((row) => examples[row]!.labels.some((label) => rares.has(label))),
    `Labels that may be misspelt: ${listed(shown)}.`,
    'Write them alike where they mean the same.',
  )
}

/** Equal but for case, spaces and punctuation, or for one letter put in, left out, changed or swapped. */
export function sameButForSlip(a: string, b: string): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
  const [one, other] = [plain(a), plain(b)]
  if (one === other) return true
  // In short names a letter is a different name: "en" and "es".
  if (Math.min(one.length, other.length) < 5 || Math.abs(one.length - other.length) > 1)
    return false
  if (/\d/.test(one + other) && one.replaceAll(/\d/g, '') === other.replaceAll(/\d/g, ''))
    return false
  let front = 0
  while (front < one.length && one[front] === other[front]) front++
  const [left, right] = [one.slice(front), other.slice(front)]
  if (left.length === right.length) {
    const swapped = left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2)
    return left.slice(1) === right.slice(1) || swapped
  }
  return left.length > right.length ? left.slice(1) === right : right.slice(1) === left
}

const scriptNames = ['Latin', 'Cyrillic', 'Greek', 'Arabic', 'Hebrew', 'Han', 'Devanagari'] as const
const scriptPatterns = scriptNames.map((name) => ({
  name,
  pattern: new RegExp(`\\p{Script=${name}}`, 'u'),
}))

/** Few texts in another script than most. */
function scripts(examples: readonly Example[]): Finding[] {
  const of = examples.map(
    ({ text }) => scriptPatterns.find(({ pattern }) => pattern.test(text))?.name,
  )
  const groups = [...Map.groupBy(of.keys(), (row) => of[row])].filter(
    ([name]) => name !== undefined,
  )
  if (groups.length < 2) return []
  const most = groups.reduce((a, b) => (b[1].length > a[1].length ? b : a))
  const others = groups.filter((group) => group !== most).flatMap(([, rows]) => rows)
  return finding(
    'scripts',
    others,
    `Most texts are in ${most[0]} script, ${others.length} are in another.`,
    'Fine where the model should know both; then measure both. Else leave them out.',
  )
}

/** Rows to be measured on that were also learned from: those with the same key. */
export function checkLeakage(known: readonly string[], measured: readonly string[]): Finding[] {
  const keys = new Set(known)
  const rows = [...measured.keys()].filter((row) => keys.has(measured[row]!))
  return finding(
    'leakage',
    rows,
    `${rows.length} of ${measured.length} rows to measure on are also among those to learn from.`,
    'Leave them out of one of the two: as it is, the figures are too good.',
  )
}
