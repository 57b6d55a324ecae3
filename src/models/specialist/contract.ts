/** What a specialist takes and gives, as written in `specialist.json` of its package. */
import { z } from 'zod'

const ngramSchema = z.strictObject({
  words: z.number().int().min(0).max(5),
  characters: z.number().int().min(0).max(8),
})

export const classifyContract = z.strictObject({
  format: z.literal('bastide-specialist-1'),
  task: z.literal('classify'),
  /** Class names; a score's place is its class. */
  labels: z.array(z.string().min(1).max(500)).min(2).max(100_000),
  /** Whether a text may have several labels, each with a probability of its own. */
  multiple: z.boolean(),
  ngrams: ngramSchema,
  /**
   * What scores are multiplied with before they become probabilities, and for several labels what is added
   * then (Platt, 1999).
   */
  calibration: z.strictObject({ scale: z.number().positive(), shift: z.number() }),
  /** A text whose best probability is lower is answered with "unknown"; 0: never. */
  unknownBelow: z.number().min(0).max(1),
})

export const tagContract = z.strictObject({
  format: z.literal('bastide-specialist-1'),
  task: z.literal('tag'),
  /** What is looked for. */
  labels: z.array(z.string().min(1).max(500)).min(1).max(1000),
  /** Scores of each tag after each tag, row by row; tags: outside, then beginning and inside of each label. */
  transitions: z.array(z.number()),
})

export const matchContract = z.strictObject({
  format: z.literal('bastide-specialist-1'),
  task: z.literal('match'),
  /** Fields that are compared, in the order of the model's inputs. */
  fields: z.array(z.string().min(1).max(500)).min(1).max(200),
  /** How rare a word is that the vocabulary does not hold. */
  rarest: z.number().positive(),
  /** Probability from which two records count as the same. */
  threshold: z.number().min(0).max(1),
})

export type MatchContract = z.infer<typeof matchContract>

export type TagContract = z.infer<typeof tagContract>

export type ClassifyContract = z.infer<typeof classifyContract>
