/** Which n-grams a model knows, and how much each says: rows and weights of a text. */
import { type NgramOptions, type Ngrams, ngramsOf } from './ngrams.ts'

export interface Vocabulary {
  readonly options: NgramOptions
  /** Hashes in ascending order; the place of one is its row. Words first, then characters, in one list. */
  readonly hashes: Uint32Array
  /** Inverse document frequency of each row. */
  readonly rarity: Float32Array
}

/** A text as weighted rows. */
export interface Features {
  rows: Int32Array
  values: Float32Array
}

export type Featurise = (text: string) => Features

export interface VocabularyOptions extends NgramOptions {
  /** N-grams in fewer texts than this are left out. */
  documentsMin: number
  /** The most frequent ones up to this many are kept. */
  rowsMax: number
}

/** Counts in how many texts each n-gram occurs and keeps those that do often enough. */
export function buildVocabulary(texts: readonly string[], options: VocabularyOptions): Vocabulary {
  const counts = new Map<number, number>()
  for (const text of texts) {
    const { words, characters } = ngramsOf(text, options)
    for (const hash of new Set([...words, ...characters])) {
      counts.set(hash, (counts.get(hash) ?? 0) + 1)
    }
  }
  let kept = [...counts].filter(([, count]) => count >= options.documentsMin)
  if (kept.length > options.rowsMax) {
    kept = kept.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, options.rowsMax)
  }
  kept.sort((a, b) => a[0] - b[0])
  const { words, characters } = options
  return {
    options: { words, characters },
    hashes: Uint32Array.from(kept, ([hash]) => hash),
    // As scikit-learn has it: as if one more text held every n-gram.
    rarity: Float32Array.from(kept, ([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1),
  }
}

/** Rows of hashes: a table with open addressing, twice as large as what it holds at least; -1: not known. */
export function rowTable(hashes: Uint32Array): (hash: number) => number {
  const bits = Math.max(4, Math.ceil(Math.log2(hashes.length * 2 + 1)))
  const mask = 2 ** bits - 1
  const slots = new Int32Array(2 ** bits).fill(-1)
  for (let row = 0; row < hashes.length; row++) {
    let at = hashes[row]! & mask
    while (slots[at] !== -1) at = (at + 1) & mask
    slots[at] = row
  }
  return (hash) => {
    let at = hash & mask
    for (;;) {
      const row = slots[at]!
      if (row === -1 || hashes[row] === hash) return row
      at = (at + 1) & mask
    }
  }
}

export function featuriser({ options, hashes, rarity }: Vocabulary): Featurise {
  const rowOf = rowTable(hashes)
  const counts = new Int32Array(hashes.length)

  /** Adds the rows of a block, each block as a vector of length 1. */
  function block(ngrams: Uint32Array, rows: number[], values: number[]): void {
    const from = rows.length
    for (const hash of ngrams) {
      const row = rowOf(hash)
      if (row === -1) continue
      if (counts[row]!++ === 0) rows.push(row)
    }
    let squares = 0
    for (let at = from; at < rows.length; at++) {
      const row = rows[at]!
      // What occurs often in one text says less each time.
      const value = (1 + Math.log(counts[row]!)) * rarity[row]!
      counts[row] = 0
      values.push(value)
      squares += value * value
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0
    for (let at = from; at < rows.length; at++) values[at]! *= scale
  }

  return (text) => {
    const { words, characters }: Ngrams = ngramsOf(text, options)
    const rows: number[] = []
    const values: number[] = []
    block(words, rows, values)
    block(characters, rows, values)
    return { rows: Int32Array.from(rows), values: Float32Array.from(values) }
  }
}
