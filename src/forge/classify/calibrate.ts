/** Fits what scores are multiplied with, so that probabilities come true (Guo et al., arXiv 1706.04599). */
import { probabilitiesOf } from '../../models/specialist/probabilities.ts'
import type { Answered } from '../metrics/classification.ts'

export interface Scored {
  scores: Float32Array
  /** Right classes: one, or several. */
  labels: readonly number[]
}

export interface Calibration {
  scale: number
  shift: number
}

const goldenRatio = (Math.sqrt(5) - 1) / 2
const scaleRange: [low: number, high: number] = [Math.log(0.05), Math.log(100)]
const shiftRange: [low: number, high: number] = [-10, 10]

/** The place of the lowest value of a function with one valley, by golden section. */
function lowest(of: (x: number) => number, [low, high]: [number, number]): number {
  let [left, right] = [low, high]
  let a = right - goldenRatio * (right - left)
  let b = left + goldenRatio * (right - left)
  let [atA, atB] = [of(a), of(b)]
  while (right - left > 1e-3) {
    if (atA < atB) {
      ;[right, b, atB] = [b, a, atA]
      a = right - goldenRatio * (right - left)
      atA = of(a)
    } else {
      ;[left, a, atA] = [a, b, atB]
      b = left + goldenRatio * (right - left)
      atB = of(b)
    }
  }
  return (left + right) / 2
}

/** Mean of -log of what the right answers were given. */
function surprise(rows: readonly Scored[], calibration: Calibration, multiple: boolean): number {
  const tiny = 1e-12
  let total = 0
  for (const { scores, labels } of rows) {
    const probabilities = probabilitiesOf(scores, { calibration, multiple })
    if (!multiple) total -= Math.log(probabilities[labels[0]!]! + tiny)
    else {
      for (const [label, probability] of probabilities.entries()) {
        total -= Math.log((labels.includes(label) ? probability : 1 - probability) + tiny)
      }
    }
  }
  return total / rows.length
}

export function calibrate(rows: readonly Scored[], multiple: boolean): Calibration {
  const scaled = (shift: number) =>
    Math.exp(lowest((log) => surprise(rows, { scale: Math.exp(log), shift }, multiple), scaleRange))
  if (!multiple) return { scale: scaled(0), shift: 0 }
  const shift = lowest((at) => surprise(rows, { scale: scaled(at), shift: at }, true), shiftRange)
  return { scale: scaled(shift), shift }
}

/** Answers to rows with one label each. */
export function answersOf(rows: readonly Scored[], calibration: Calibration): Answered[] {
  return rows.map(({ scores, labels }) => {
    const probabilities = probabilitiesOf(scores, { calibration, multiple: false })
    const predicted = probabilities.indexOf(Math.max(...probabilities))
    return { label: labels[0]!, predicted, probability: probabilities[predicted]! }
  })
}
