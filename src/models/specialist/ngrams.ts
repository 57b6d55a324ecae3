/**
 * Text as counted n-grams: runs of words, and runs of characters inside words. Each n-gram is a hash of 32
 * bits, which takes no string; of 100,000 n-grams about one shares its hash with another.
 */
import { hashEnd, hashStart, hashStep, hashText } from './hash.ts'

export interface NgramOptions {
  /** Runs of so many words, from one up; 0: none. */
  words: number
  /** Runs of characters inside a word and its edges, from 2 up to this; 0: none. */
  characters: number
}

/** Hashes of one text's n-grams, each as often as it occurs. */
export interface Ngrams {
  words: Uint32Array
  characters: Uint32Array
}

/** What two spellings of one text share: case, and forms of characters that look alike (Unicode NFKC). */
export const normalised = (text: string): string => text.normalize('NFKC').toLowerCase()

/** Words are runs of letters, marks and digits; any other character that is no space stands alone. */
const wordPattern = /[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]/gu

export const wordsOf = (text: string): string[] => text.match(wordPattern) ?? []

const wordSeed = hashStep(hashStart, 1)
const characterSeed = hashStep(hashStart, 2)
const edge = 0x20
/** Beyond this a text is cut: its n-grams tell nothing new, and time stays in bounds. */
const charactersMax = 20_000

export function ngramsOf(text: string, { words, characters }: NgramOptions): Ngrams {
  const all = wordsOf(normalised(text.slice(0, charactersMax)))
  return {
    words: words > 0 ? wordNgrams(all, words) : new Uint32Array(0),
    characters: characters > 0 ? characterNgrams(all, characters) : new Uint32Array(0),
  }
}

function wordNgrams(words: readonly string[], longest: number): Uint32Array {
  const hashes: number[] = []
  for (let from = 0; from < words.length; from++) {
    let hash = wordSeed
    for (let to = from; to < Math.min(from + longest, words.length); to++) {
      const word = words[to]!
      hash = hashText(hash, word)
      hash = hashStep(hash, edge)
      hashes.push(hashEnd(hash))
    }
  }
  return Uint32Array.from(hashes)
}

function characterNgrams(words: readonly string[], longest: number): Uint32Array {
  const hashes: number[] = []
  for (const word of words) {
    const length = word.length + 2
    const codeAt = (at: number) => (at === 0 || at === length - 1 ? edge : word.charCodeAt(at - 1))
    for (let from = 0; from < length - 1; from++) {
      let hash = hashStep(characterSeed, codeAt(from))
      for (let to = from + 1; to < Math.min(from + longest, length); to++) {
        hash = hashStep(hash, codeAt(to))
        hashes.push(hashEnd(hash))
      }
    }
  }
  return Uint32Array.from(hashes)
}
