/** How alike two records are, field by field and as a whole, in numbers that a model can weigh. */
import { hashEnd, hashStart, hashText } from './hash.ts'
import { normalised, wordsOf } from './ngrams.ts'

/** A record by the names of its fields. */
export type FieldMap = Readonly<Record<string, string>>

/** How rare words are: hash to inverse document frequency; words not in it are the rarest. */
export interface Rarity {
  values: ReadonlyMap<number, number>
  rarest: number
}

interface Seen {
  text: string
  words: string[]
  wordHashes: Set<number>
  grams: Set<number>
  numbers: Set<string>
  /** Words of letters and digits, such as model numbers. */
  codes: Set<string>
  value: number
}

const gramLength = 3
const shortText = 48

const wordHash = (word: string) => hashEnd(hashText(hashStart, word))

function see(raw: string): Seen {
  const text = normalised(raw).trim()
  const words = wordsOf(text).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const padded = ` ${words.join(' ')} `
  const grams = new Set<number>()
  for (let at = 0; at + gramLength <= padded.length; at++) {
    grams.add(wordHash(padded.slice(at, at + gramLength)))
  }
  // Codes are written with and without hyphens and slashes.
  const joined = text.split(/\s+/).map((part) => part.replaceAll(/[^\p{L}\p{N}]/gu, ''))
  return {
    text: words.join(' '),
    words,
    wordHashes: new Set(words.map(wordHash)),
    grams,
    numbers: new Set(text.match(/\d+(?:\.\d+)?/g) ?? []),
    codes: new Set(
      joined.filter((part) => part.length > 2 && /\p{L}/u.test(part) && /\d/.test(part)),
    ),
    value: Number.parseFloat(text.replaceAll(/[^\d.-]/g, '')),
  }
}

function overlap<T>(a: ReadonlySet<T>, b: ReadonlySet<T>) {
  let both = 0
  for (const one of a) if (b.has(one)) both++
  const smaller = Math.min(a.size, b.size)
  const union = a.size + b.size - both
  return { jaccard: union > 0 ? both / union : -1, contained: smaller > 0 ? both / smaller : -1 }
}

/** Cosine of the two texts' words, each word counted by how rare it is. */
function rareCosine(a: Seen, b: Seen, { values, rarest }: Rarity): number {
  const weight = (hash: number) => values.get(hash) ?? rarest
  const squares = (hashes: ReadonlySet<number>) => {
    let sum = 0
    for (const hash of hashes) sum += weight(hash) ** 2
    return sum
  }
  let both = 0
  for (const hash of a.wordHashes) if (b.wordHashes.has(hash)) both += weight(hash) ** 2
  const scale = Math.sqrt(squares(a.wordHashes) * squares(b.wordHashes))
  return scale > 0 ? both / scale : -1
}

/** Winkler's variant of Jaro's measure (Winkler, 1990); 1: equal. */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1
  if (a.length === 0 || b.length === 0) return 0
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1)
  const taken = new Uint8Array(b.length)
  const fromA: string[] = []
  for (let at = 0; at < a.length; at++) {
    const end = Math.min(b.length, at + reach + 1)
    for (let other = Math.max(0, at - reach); other < end; other++) {
      if (taken[other] || a[at] !== b[other]) continue
      taken[other] = 1
      fromA.push(a[at]!)
      break
    }
  }
  if (fromA.length === 0) return 0
  const fromB = [...b].filter((_, at) => taken[at])
  const swaps = fromA.filter((character, at) => character !== fromB[at]).length / 2
  const found = fromA.length
  const jaro = (found / a.length + found / b.length + (found - swaps) / found) / 3
  let same = 0
  while (same < 4 && a[same] !== undefined && a[same] === b[same]) same++
  return jaro + same * 0.1 * (1 - jaro)
}

/** What is said of each field; -1 where one side has nothing to compare. */
const measures = [
  'present',
  'equal',
  'words',
  'words_contained',
  'rare_words',
  'letters',
  'letters_contained',
  'numbers',
  'codes',
  'codes_contained',
  'spelling',
  'first_word',
  'length',
  'value',
] as const

export const measuresPerField = measures.length

function compare(a: Seen, b: Seen, rarity: Rarity): number[] {
  if (a.text === '' || b.text === '') {
    return [a.text === b.text ? -1 : 0, ...new Array<number>(measures.length - 1).fill(-1)]
  }
  const [words, grams] = [overlap(a.wordHashes, b.wordHashes), overlap(a.grams, b.grams)]
  const codes = overlap(a.codes, b.codes)
  const [longer, shorter] = [
    Math.max(a.text.length, b.text.length),
    Math.min(a.text.length, b.text.length),
  ]
  const largest = Math.max(Math.abs(a.value), Math.abs(b.value))
  const difference = Math.abs(a.value - b.value)
  return [
    1,
    a.text === b.text ? 1 : 0,
    words.jaccard,
    words.contained,
    rareCosine(a, b, rarity),
    grams.jaccard,
    grams.contained,
    overlap(a.numbers, b.numbers).jaccard,
    codes.jaccard,
    codes.contained,
    jaroWinkler(a.text.slice(0, shortText), b.text.slice(0, shortText)),
    a.words[0] === b.words[0] ? 1 : 0,
    shorter / longer,
    Number.isFinite(difference) ? (largest > 0 ? 1 - difference / largest : 1) : -1,
  ]
}

/** All measures of each named field, then of all fields together. */
export function similarities(
  left: FieldMap,
  right: FieldMap,
  fields: readonly string[],
  rarity: Rarity,
): Float32Array {
  const whole = (record: FieldMap) => fields.map((name) => record[name] ?? '').join(' ')
  const rows = fields.map((name) => compare(see(left[name] ?? ''), see(right[name] ?? ''), rarity))
  if (fields.length > 1) rows.push(compare(see(whole(left)), see(whole(right)), rarity))
  return Float32Array.from(rows.flat())
}

/** Rarity of the words of records. */
export function rarityOf(records: readonly FieldMap[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const record of records) {
    const hashes = new Set(Object.values(record).flatMap((text) => [...see(text).wordHashes]))
    for (const hash of hashes) counts.set(hash, (counts.get(hash) ?? 0) + 1)
  }
  const kept = [...counts].filter(([, count]) => count > 1)
  return new Map(
    kept.map(([hash, count]) => [hash, Math.log((1 + records.length) / (1 + count)) + 1]),
  )
}

export const rarestOf = (records: number) => Math.log(1 + records) + 1
