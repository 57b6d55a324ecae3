/** Spans in texts: entities, slots, fields. */
import type { TagContract } from '../../models/specialist/contract.ts'
import { tokenFeatures } from '../../models/specialist/tokens.ts'
import { bestTags, tagCount } from '../../models/specialist/viterbi.ts'
import { rowTable } from '../../models/specialist/vocabulary.ts'
import { vocabularyBytes } from '../../models/specialist/vocabulary-file.ts'
import { checkLeakage } from '../data/checks.ts'
import { stratified } from '../data/split.ts'
import { linearGraph } from '../linear/graph.ts'
import { openFor } from '../open.ts'
import { packageFiles } from '../package.ts'
import type { SpecialistTask, TrainOptions } from '../specialist-task.ts'
import { evaluateSpans } from './evaluate.ts'
import { readTagged, type TaggedWords } from './examples.ts'
import { emissions, type Field, type Sentence, trainField } from './field.ts'

interface TagData {
  labels: readonly string[]
  examples: TaggedWords[]
}

/** Chosen on the last fifth of the training rows of three public sets; more passes win nothing. */
const settings = { passes: 6, rate: 0.04, dropout: 0.2, decay: 0 }
const heldOutShare = 0.15
const heldOutMax = 5000
/** Words beyond which features that occur once are not worth their place. */
const manyWords = 20_000

export const tagTask: SpecialistTask<TagData> = {
  read(table, columns, known) {
    const { examples, labels, notes } = readTagged(table, columns, known)
    return { data: { labels, examples }, count: examples.length, labels, notes }
  },

  check: ({ examples }, measured) =>
    measured.flatMap((other) => checkLeakage(keysOf(examples), keysOf(other.examples))),

  train({ labels, examples }, options) {
    const groups = examples.map(({ tags }) => (tags.some((tag) => tag > 0) ? 'some' : 'none'))
    const share = Math.min(heldOutShare, heldOutMax / examples.length)
    const { kept, taken } = stratified(groups, share, options.seed)
    const known = kept.map((row) => examples[row]!)
    const first = fit(labels, known, options, [0, 0.4])
    const heldOut = taken.map((row) => {
      const { words, tags } = examples[row]!
      const scores = emissions(first.field, first.rowsOf(words))
      return { right: tags, given: bestTags(scores, first.field.transitions, first.field.tags) }
    })
    const { field, hashes } = fit(labels, examples, options, [0.45, 0.85])
    const contract: TagContract = {
      format: 'bastide-specialist-1',
      task: 'tag',
      labels: [...labels],
      transitions: Array.from(field.transitions),
    }
    const { bytes, parameters } = linearGraph({
      classes: field.tags,
      stride: field.tags,
      weights: withBias(field),
    })
    return {
      parameters: parameters + field.transitions.length,
      settings,
      heldOut: { kind: 'spans', ...evaluateSpans(heldOut, labels) },
      files: {
        [packageFiles.contract]: contract,
        [packageFiles.vocabulary]: vocabularyBytes({ hashes, values: new Float32Array(0) }),
        [packageFiles.weights]: bytes,
      },
    }
  },

  async measure(folder, { labels, examples }) {
    const { specialist, close } = await openFor(folder, 'tag')
    try {
      const tagged = await specialist.tagger.tagWords(examples.map(({ words }) => words))
      const rows = examples.map(({ tags }, at) => ({ right: tags, given: tagged[at]!.tags }))
      return { kind: 'spans', ...evaluateSpans(rows, labels) }
    } finally {
      await close()
    }
  },
}

const keysOf = (examples: readonly TaggedWords[]) => examples.map(({ words }) => words.join(' '))

/** A graph of a linear model has a last row that always counts; a field needs none. */
function withBias({ weights, tags }: Field): Float32Array {
  const all = new Float32Array(weights.length + tags)
  all.set(weights)
  return all
}

function fit(
  labels: readonly string[],
  examples: readonly TaggedWords[],
  { seed, progress, signal }: TrainOptions,
  [from, to]: [from: number, to: number],
) {
  progress('looking at words', from)
  const features = examples.map(({ words }) => tokenFeatures(words))
  const counts = new Map<number, number>()
  let words = 0
  for (const sentence of features) {
    for (const own of sentence)
      for (const hash of own) counts.set(hash, (counts.get(hash) ?? 0) + 1)
    words += sentence.length
  }
  const least = words > manyWords ? 2 : 1
  const hashes = Uint32Array.from(
    [...counts].filter(([, count]) => count >= least).map(([hash]) => hash),
  ).sort()
  const rowOf = rowTable(hashes)
  const rows = (own: readonly Uint32Array[]) =>
    own.map((some) => Int32Array.from([...some].map(rowOf).filter((row) => row >= 0)))
  const sentences = examples.map(
    ({ tags }, at): Sentence => ({ features: rows(features[at]!), tags }),
  )
  const field = trainField(sentences, {
    rows: hashes.length,
    tags: tagCount(labels.length),
    ...settings,
    seed,
    progress: (pass) => {
      signal?.throwIfAborted()
      progress('learning', from + ((to - from) * pass) / settings.passes)
    },
  })
  return { field, hashes, rowsOf: (some: readonly string[]) => rows(tokenFeatures(some)) }
}
