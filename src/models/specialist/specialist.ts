/** A specialist from the files of its package: the same code serves it and measures it. */
import { z } from 'zod'
import { type Classifier, createClassifier, type RunScores } from './classifier.ts'
import {
  type ClassifyContract,
  classifyContract,
  type MatchContract,
  matchContract,
  type TagContract,
  tagContract,
} from './contract.ts'
import { createMatcher, type Matcher } from './matcher.ts'
import { createTagger, type Tagger } from './tagger.ts'
import { readVocabulary } from './vocabulary-file.ts'

export type Specialist =
  | { task: 'classify'; contract: ClassifyContract; classifier: Classifier }
  | { task: 'tag'; contract: TagContract; tagger: Tagger }
  | { task: 'match'; contract: MatchContract; matcher: Matcher }

const contractSchema = z.discriminatedUnion('task', [classifyContract, tagContract, matchContract])

/** Throws when the contract or the vocabulary is not sound; `run` is the model. */
export function createSpecialist(
  contractBytes: Uint8Array,
  vocabularyBytes: Uint8Array,
  run: RunScores,
): Specialist {
  const contract = contractSchema.parse(JSON.parse(Buffer.from(contractBytes).toString()))
  const { hashes, values } = readVocabulary(vocabularyBytes)
  if (contract.task === 'match') {
    const matcher = createMatcher(contract, { hashes, values }, run)
    return { task: 'match', contract, matcher }
  }
  if (contract.task === 'tag') {
    return { task: 'tag', contract, tagger: createTagger(contract, hashes, run) }
  }
  const vocabulary = { options: contract.ngrams, hashes, rarity: values }
  return { task: 'classify', contract, classifier: createClassifier(contract, vocabulary, run) }
}
