/** Finds spans in texts: features of words, an ONNX model, the best row of tags. */

import { chainSums, tagShare } from './chain.ts'
import { type RunScores, rowFeeds } from './classifier.ts'
import type { TagContract } from './contract.ts'
import { tokenFeatures, tokensOf } from './tokens.ts'
import { bestTags, spansOf, tagCount } from './viterbi.ts'
import { rowTable } from './vocabulary.ts'

export interface FoundSpan {
  /** In UTF-16 code units of the text. */
  start: number
  end: number
  label: string
  text: string
  /** The least of its words' probabilities. */
  probability: number
}

export interface TaggedWords {
  tags: Int32Array
  /** Of the tag chosen at each word. */
  probabilities: Float64Array
}

export interface Tagger {
  /** Tags of words that are cut already. */
  tagWords(sentences: readonly (readonly string[])[]): Promise<TaggedWords[]>
  tag(texts: readonly string[]): Promise<FoundSpan[][]>
}

/** Words in one run at most. */
const wordsPerRun = 512

export function createTagger(contract: TagContract, hashes: Uint32Array, run: RunScores): Tagger {
  const rowOf = rowTable(hashes)
  const tags = tagCount(contract.labels.length)
  const transitions = Float32Array.from(contract.transitions)

  /** Rows of each word's features. */
  const rowsOf = (words: readonly string[]): number[][] =>
    tokenFeatures(words).map((features) => [...features].map(rowOf).filter((row) => row >= 0))

  async function scoresOf(words: readonly number[][]): Promise<Float32Array> {
    const scores = new Float32Array(words.length * tags)
    for (let from = 0; from < words.length; from += wordsPerRun) {
      const some = words.slice(from, from + wordsPerRun)
      const width = Math.max(1, ...some.map((rows) => rows.length))
      const rows = new BigInt64Array(some.length * width)
      const values = new Float32Array(some.length * width)
      for (const [at, own] of some.entries()) {
        for (const [place, row] of own.entries()) {
          rows[at * width + place] = BigInt(row)
          values[at * width + place] = 1
        }
      }
      scores.set(await run(rowFeeds(rows, values, width)), from * tags)
    }
    return scores
  }

  async function tagWords(sentences: readonly (readonly string[])[]): Promise<TaggedWords[]> {
    const scores = await scoresOf(sentences.flatMap(rowsOf))
    let from = 0
    return sentences.map((words) => {
      const own = scores.subarray(from, from + words.length * tags)
      from += own.length
      if (words.length === 0) return { tags: new Int32Array(0), probabilities: new Float64Array(0) }
      const path = bestTags(own, transitions, tags)
      const sums = chainSums(own, transitions, tags)
      const probabilities = Float64Array.from(path, (tag, place) =>
        tagShare(sums, place * tags + tag),
      )
      return { tags: path, probabilities }
    })
  }

  return {
    tagWords,
    async tag(texts) {
      const tokens = texts.map(tokensOf)
      const tagged = await tagWords(tokens.map((some) => some.map(({ text }) => text)))
      return texts.map((text, at) =>
        spansOf(tagged[at]!.tags).map((span) => {
          const [start, end] = [tokens[at]![span.start]!.start, tokens[at]![span.end - 1]!.end]
          const probability = Math.min(...tagged[at]!.probabilities.slice(span.start, span.end))
          return {
            start,
            end,
            label: contract.labels[span.label]!,
            text: text.slice(start, end),
            probability,
          }
        }),
      )
    },
  }
}
