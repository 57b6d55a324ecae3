/** Makes a classifier of texts: n-grams and a linear model, chosen and calibrated on rows held out. */
import type { ClassifyContract } from '../../models/specialist/contract.ts'
import {
  buildVocabulary,
  type Featurise,
  featuriser,
  type Vocabulary,
} from '../../models/specialist/vocabulary.ts'
import { essence } from '../data/essence.ts'
import { folds, stratified } from '../data/split.ts'
import { type LinearMachine, type Problem, trainMachine } from '../linear/machine.ts'
import { cpuSeconds } from '../processor-time.ts'
import type { TrainOptions } from '../specialist-task.ts'
import { answersOf, type Calibration, calibrate, type Scored } from './calibrate.ts'

export interface Example {
  text: string
  /** Class numbers. */
  labels: readonly number[]
}

export interface ClassifyTask {
  labels: readonly string[]
  multiple: boolean
}

/** What is decided by trying. */
interface Settings {
  words: number
  characters: number
  cost: number
}

export interface Classifier {
  contract: ClassifyContract
  vocabulary: Vocabulary
  machine: LinearMachine
  settings: Settings
  /** What rows were answered by models that had not seen them; the basis of thresholds. */
  heldOut: Scored[]
}

/** From the one that is nearly always best to those that sometimes are. */
const candidates: Settings[] = [
  { words: 2, characters: 5, cost: 1 },
  { words: 2, characters: 5, cost: 0.5 },
  { words: 2, characters: 4, cost: 1 },
  { words: 2, characters: 0, cost: 1 },
  { words: 3, characters: 6, cost: 1 },
]
/** Up to so many texts each is held out once, from a model of the others; beyond, a part is held out. */
const foldedMax = 20_000
const foldCount = 3
const heldOutMax = 5000
const rowsMax = 400_000
/** Texts beyond which n-grams of a single text are not worth their place. */
const manyTexts = 3000
/** Share of right answers on held-out rows that the gate for unknown texts may cost. */
const gateCost = 0.01
const passesMax = 60

export function trainClassifier(
  task: ClassifyTask,
  examples: readonly Example[],
  options: TrainOptions,
): Classifier {
  const best = choose(task, examples, options)
  const calibration = calibrate(best.scored, task.multiple)
  options.progress('training on all rows', 0.7)
  const { vocabulary, machine } = fit(task, examples, best.settings, options)
  return {
    vocabulary,
    machine,
    settings: best.settings,
    heldOut: best.scored,
    contract: {
      format: 'bastide-specialist-1',
      task: 'classify',
      labels: [...task.labels],
      multiple: task.multiple,
      ngrams: vocabulary.options,
      calibration,
      unknownBelow: task.multiple ? 0 : gateOf(best.scored, calibration),
    },
  }
}

/** Tries settings until the time is used; the best on rows held out wins, the first among equals. */
function choose(task: ClassifyTask, examples: readonly Example[], options: TrainOptions) {
  const parts = heldOutParts(examples, options.seed)
  const startedAt = cpuSeconds()
  let best: { settings: Settings; scored: Scored[]; quality: number } | undefined
  for (const [at, settings] of candidates.entries()) {
    const before = cpuSeconds()
    const scored = parts.flatMap((part, index) => {
      options.signal?.throwIfAborted()
      const share = (at + index / parts.length) / candidates.length
      options.progress(`trying settings ${at + 1} of ${candidates.length}`, share * 0.7)
      return heldOutScores(task, examples, part, settings, options)
    })
    const quality = qualityOf(scored, task.multiple)
    if (!best || quality > best.quality) best = { settings, scored, quality }
    const took = cpuSeconds() - before
    if (cpuSeconds() - startedAt + took > options.budgetSeconds) break
  }
  return best!
}

/** Rows that say the same are held out together: else each is answered by its twin, and promises too much. */
function heldOutParts(examples: readonly Example[], seed: number): number[][] {
  const twins = [...Map.groupBy(examples.keys(), (row) => essence(examples[row]!.text)).values()]
  const labels = twins.map(([first]) => String(examples[first!]!.labels))
  const parts =
    examples.length <= foldedMax
      ? folds(labels, foldCount, seed)
      : [stratified(labels, heldOutMax / examples.length, seed).taken]
  return parts.map((part) => part.flatMap((one) => twins[one]!))
}

/** Scores of the rows of a part by a model of all others. */
function heldOutScores(
  task: ClassifyTask,
  examples: readonly Example[],
  part: readonly number[],
  settings: Settings,
  options: TrainOptions,
): Scored[] {
  const held = new Set(part)
  const others = examples.filter((_, row) => !held.has(row))
  const { vocabulary, machine } = fit(task, others, settings, options)
  const featurise = featuriser(vocabulary)
  return part.map((row) => ({
    scores: scoresOf(machine, featurise, examples[row]!.text),
    labels: examples[row]!.labels,
  }))
}

function fit(
  task: ClassifyTask,
  examples: readonly Example[],
  { words, characters, cost }: Settings,
  { seed, signal }: TrainOptions,
) {
  const texts = examples.map(({ text }) => text)
  const documentsMin = texts.length > manyTexts ? 2 : 1
  const vocabulary = buildVocabulary(texts, { words, characters, documentsMin, rowsMax })
  const featurise = featuriser(vocabulary)
  const problem: Problem = {
    features: texts.map(featurise),
    labels: examples.map(({ labels }) => labels),
    rows: vocabulary.hashes.length,
    classes: task.labels.length,
  }
  const machine = trainMachine(problem, {
    cost,
    passesMax,
    tolerance: 0.1,
    seed,
    progress: () => signal?.throwIfAborted(),
  })
  return { vocabulary, machine }
}

/** Scores of a text, one per class. */
function scoresOf(
  { weights, stride, classes }: LinearMachine,
  featurise: Featurise,
  text: string,
): Float32Array {
  const { rows, values } = featurise(text)
  const bias = weights.length - stride
  const scores = weights.slice(bias, bias + classes)
  for (let at = 0; at < rows.length; at++) {
    const [from, value] = [rows[at]! * stride, values[at]!]
    for (let label = 0; label < classes; label++) scores[label]! += value * weights[from + label]!
  }
  return scores
}

/** Share of rows whose labels are all right. */
function qualityOf(scored: readonly Scored[], multiple: boolean): number {
  const right = scored.filter(({ scores, labels }) => {
    if (!multiple) return labels[0] === scores.indexOf(Math.max(...scores))
    return scores.every((score, label) => score > 0 === labels.includes(label))
  })
  return right.length / Math.max(1, scored.length)
}

/** The probability below which so few right answers lie that a text there is better called unknown. */
function gateOf(scored: readonly Scored[], calibration: Calibration): number {
  const right = answersOf(scored, calibration)
    .filter(({ label, predicted }) => label === predicted)
    .map(({ probability }) => probability)
    .sort((a, b) => a - b)
  return right[Math.floor(right.length * gateCost)] ?? 0
}
