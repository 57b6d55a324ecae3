/** Tells whether two records are about the same thing, and what speaks for it. */
import type { RunScores } from './classifier.ts'
import type { MatchContract } from './contract.ts'
import { type FieldMap, measuresPerField, similarities } from './similarity.ts'
import type { HashedRows } from './vocabulary-file.ts'

export interface RecordPair {
  left: FieldMap
  right: FieldMap
}

export interface Match {
  match: boolean
  probability: number
  /** How alike each field is, from 0 to 1; null where one side has nothing. */
  evidence: { field: string; similarity: number | null }[]
}

export interface Matcher {
  match(pairs: readonly RecordPair[]): Promise<Match[]>
}

/** Places of the measures that say most to a reader, among those of a field. */
const evidenceMeasures = { rareWords: 4, letters: 5, equal: 1 }

export function createMatcher(
  contract: MatchContract,
  { hashes, values }: HashedRows,
  run: RunScores,
): Matcher {
  const { fields, rarest, threshold } = contract
  const rarity = {
    values: new Map(Array.from(hashes, (hash, row) => [hash, values[row]!])),
    rarest,
  }
  return {
    async match(pairs) {
      if (pairs.length === 0) return []
      const rows = pairs.map(({ left, right }) => similarities(left, right, fields, rarity))
      const width = rows[0]!.length
      const data = new Float32Array(rows.length * width)
      for (const [at, row] of rows.entries()) data.set(row, at * width)
      const shape = [rows.length, width]
      const scores = await run({ features: { type: 'float32', data, shape } })
      return rows.map((row, at) => {
        const probability = 1 / (1 + Math.exp(-scores[at]!))
        return { match: probability >= threshold, probability, evidence: evidenceOf(row, fields) }
      })
    },
  }
}

function evidenceOf(row: Float32Array, fields: readonly string[]): Match['evidence'] {
  return fields.map((field, at) => {
    const from = at * measuresPerField
    const { rareWords, letters, equal } = evidenceMeasures
    const best = Math.max(row[from + rareWords]!, row[from + letters]!, row[from + equal]!)
    return { field, similarity: best < 0 ? null : Number(best.toFixed(4)) }
  })
}
