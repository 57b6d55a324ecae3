/** What a classifier is worth on rows it has not seen. */
import type { ClassifyContract } from '../../models/specialist/contract.ts'
import { probabilitiesOf } from '../../models/specialist/probabilities.ts'
import { type Interval, interval } from '../metrics/bootstrap.ts'
import {
  accuracy,
  atThreshold,
  type ClassScore,
  calibrationError,
  classScores,
  confusion,
  fScore,
  macroF1,
  type ReliabilityBin,
  reliability,
  type Threshold,
  thresholdFor,
} from '../metrics/classification.ts'
import { answersOf, type Scored } from './calibrate.ts'

/** Accuracies for which it is said how much can be answered. */
const targets = [0.95, 0.97, 0.98, 0.99]
/** One-sided 95 %. */
const confidenceZ = 1.645

export interface Evaluation {
  rows: number
  accuracy: Interval
  macroF1: number
  calibrationError: number
  perClass: (ClassScore & { label: string })[]
  reliability: ReliabilityBin[]
  /** Thresholds chosen on rows held out of training, and what they gave on these rows. */
  answered: (Threshold & { target: number })[]
  /** The classes taken for each other most often. */
  confused: { label: string; predicted: string; count: number }[]
}

/** Thresholds for each target, from rows held out of training. */
export function thresholdsOf(
  heldOut: readonly Scored[],
  { calibration }: ClassifyContract,
): { target: number; probability: number }[] {
  const answers = answersOf(heldOut, calibration)
  return targets.flatMap((target) => {
    const found = thresholdFor(answers, target, confidenceZ)
    return found ? [{ target, probability: found.probability }] : []
  })
}

export function evaluateClassifier(
  rows: readonly Scored[],
  contract: ClassifyContract,
  thresholds: readonly { target: number; probability: number }[],
): Evaluation {
  const answers = answersOf(rows, contract.calibration)
  const { labels } = contract
  const counts = confusion(answers, labels.length)
  const mistakes = counts.flatMap((row, label) =>
    row.map((count, predicted) => ({
      label: labels[label]!,
      predicted: labels[predicted]!,
      count,
      same: label === predicted,
    })),
  )
  return {
    rows: rows.length,
    accuracy: interval(answers, accuracy),
    macroF1: macroF1(answers, labels.length),
    calibrationError: calibrationError(answers),
    perClass: classScores(answers, labels.length).map((score, at) => ({
      label: labels[at]!,
      ...score,
    })),
    reliability: reliability(answers),
    answered: thresholds.map(({ target, probability }) => ({
      target,
      ...atThreshold(answers, probability),
    })),
    confused: mistakes
      .filter(({ count, same }) => !same && count > 0)
      .sort((a, b) => b.count - a.count)
      .slice(0, 20)
      .map(({ label, predicted, count }) => ({ label, predicted, count })),
  }
}

export interface LabelsEvaluation {
  rows: number
  /** Share of rows whose labels are all right. */
  exact: Interval
  /** Over all labels of all rows. */
  microF1: number
}

/** For texts that may have several labels: each with a probability of at least one half is given. */
export function evaluateLabels(
  rows: readonly Scored[],
  contract: ClassifyContract,
): LabelsEvaluation {
  const given = rows.map(({ scores, labels }) => {
    const probabilities = probabilitiesOf(scores, contract)
    const chosen = [...probabilities.keys()].filter((label) => probabilities[label]! >= 0.5)
    const right = chosen.filter((label) => labels.includes(label)).length
    return { right, chosen: chosen.length, wanted: labels.length }
  })
  const sum = (of: (one: (typeof given)[number]) => number) =>
    given.reduce((total, one) => total + of(one), 0)
  return {
    rows: rows.length,
    exact: interval(
      given,
      (some) =>
        some.filter(({ right, chosen, wanted }) => right === chosen && right === wanted).length /
        some.length,
    ),
    microF1: fScore(
      sum(({ right }) => right),
      sum(({ chosen }) => chosen),
      sum(({ wanted }) => wanted),
    ).f1,
  }
}
