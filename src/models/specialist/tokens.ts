/** Words of a text with their places, and what can be seen of a word without knowing it. */
import { hashEnd, hashStart, hashStep, hashText } from './hash.ts'

export interface Token {
  text: string
  /** In UTF-16 code units of the whole text. */
  start: number
  end: number
}

/** Runs of letters and marks, runs of digits, and any other character that is no space, alone. */
const tokenPattern = /[\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}]/gu

export const tokensOf = (text: string): Token[] =>
  [...text.matchAll(tokenPattern)].map(({ 0: word, index }) => ({
    text: word,
    start: index,
    end: index + word.length,
  }))

/** What a text is counted as in budgets and prices. */
export const wordCount = (text: string): number => text.match(tokenPattern)?.length ?? 0

/** Letters by case, digits as 0, the rest as it is; runs of one kind are one: `McGill-2024` is `XxXx-0`. */
function shapeOf(word: string): string {
  let shape = ''
  for (const character of word) {
    const kind = /\p{Lu}/u.test(character)
      ? 'X'
      : /\p{L}/u.test(character)
        ? 'x'
        : /\p{N}/u.test(character)
          ? '0'
          : character
    if (!shape.endsWith(kind)) shape += kind
  }
  return shape
}

/** As `shapeOf`, letter by letter: `McGill-2024` is `XxXxxx-0000`. */
const longShapeOf = (word: string): string =>
  word
    .replaceAll(/\p{Lu}/gu, 'X')
    .replaceAll(/\p{Ll}/gu, 'x')
    .replaceAll(/\p{N}/gu, '0')

interface Seen {
  lower: string
  shape: string
}

const before: Seen = { lower: '\u0002', shape: '\u0002' }
const after: Seen = { lower: '\u0003', shape: '\u0003' }

const affixMax = 5
const neighbourAffixes = [2, 3, 4]
const lengthMax = 12
const windowReach = 2

/**
 * Hashes of what each token and its neighbours look like: the features of Ratinov and Roth (CoNLL 2009) that
 * need no word lists.
 */
export function tokenFeatures(words: readonly string[]): Uint32Array[] {
  const seen = words.map((word): Seen => ({ lower: word.toLowerCase(), shape: shapeOf(word) }))
  const at = (place: number) => (place < 0 ? before : (seen[place] ?? after))
  return words.map((word, place) => {
    const hashes: number[] = []
    const add = (kind: number, ...texts: string[]) => {
      let hash = hashStep(hashStart, kind)
      for (const text of texts) hash = hashStep(hashText(hash, text), 0)
      hashes.push(hashEnd(hash))
    }
    const own = seen[place]!
    add(1)
    add(2, word)
    for (let reach = -windowReach; reach <= windowReach; reach++) {
      add(10 + reach, at(place + reach).lower)
      add(20 + reach, at(place + reach).shape)
    }
    for (let length = 1; length <= Math.min(affixMax, own.lower.length); length++) {
      add(30, own.lower.slice(0, length))
      add(31, own.lower.slice(-length))
    }
    const [left, right] = [at(place - 1), at(place + 1)]
    add(40, left.lower, own.lower)
    add(41, own.lower, right.lower)
    add(42, left.shape, own.shape, right.shape)
    add(43, left.shape, own.shape)
    add(44, own.shape, right.shape)
    add(45, left.lower, right.lower)
    add(46, at(place - 2).lower, left.lower)
    add(47, right.lower, at(place + 2).lower)
    add(48, own.shape, left.lower)
    add(49, own.shape, right.lower)
    if (place === 0) add(50, own.shape)
    const length = String(Math.min(lengthMax, word.length))
    add(51, longShapeOf(word))
    add(52, length)
    add(53, own.shape, length)
    for (const affix of neighbourAffixes) {
      add(54, left.lower.slice(-affix))
      add(55, right.lower.slice(-affix))
    }
    return Uint32Array.from(hashes)
  })
}
