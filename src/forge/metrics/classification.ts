/** How good answers with probabilities are, against the right classes. */

export interface Answered {
  /** Right class. */
  label: number
  /** Most probable class. */
  predicted: number
  /** Its probability. */
  probability: number
}

export interface ClassScore {
  precision: number
  recall: number
  f1: number
  /** Texts of the class. */
  support: number
}

/** Share of right answers. */
export function accuracy(answers: readonly Answered[]): number {
  return answers.filter(({ label, predicted }) => label === predicted).length / answers.length
}

/** Rows: right classes; columns: predicted ones; counts. */
export function confusion(answers: readonly Answered[], classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (const { label, predicted } of answers) counts[label]![predicted]!++
  return counts
}

export function classScores(answers: readonly Answered[], classes: number): ClassScore[] {
  const counts = confusion(answers, classes)
  return counts.map((row, label) => {
    const right = row[label]!
    const support = row.reduce((sum, count) => sum + count, 0)
    const predicted = counts.reduce((sum, other) => sum + other[label]!, 0)
    return { ...fScore(right, predicted, support), support }
  })
}

/** Precision, recall and their harmonic mean from counts; 0 where there is nothing to divide by. */
export function fScore(right: number, predicted: number, wanted: number) {
  const precision = predicted > 0 ? right / predicted : 0
  const recall = wanted > 0 ? right / wanted : 0
  const f1 = right > 0 ? (2 * precision * recall) / (precision + recall) : 0
  return { precision, recall, f1 }
}

/** Mean of the classes' F1, over classes that occur. */
export function macroF1(answers: readonly Answered[], classes: number): number {
  const scores = classScores(answers, classes).filter(({ support }) => support > 0)
  return scores.reduce((sum, { f1 }) => sum + f1, 0) / scores.length
}

export interface ReliabilityBin {
  /** Mean probability and share of right answers. */
  probability: number
  accuracy: number
  count: number
}

/** Answers by their probability, in ten bins of equal width; empty bins are left out. */
export function reliability(answers: readonly Answered[], bins = 10): ReliabilityBin[] {
  const grouped = Map.groupBy(answers, ({ probability }) =>
    Math.min(bins - 1, Math.floor(probability * bins)),
  )
  return [...grouped]
    .sort(([a], [b]) => a - b)
    .map(([, group]) => ({
      probability: group.reduce((sum, one) => sum + one.probability, 0) / group.length,
      accuracy: accuracy(group),
      count: group.length,
    }))
}

/** Expected calibration error (Naeini et al., AAAI 2015): how far probabilities are from what happens. */
export function calibrationError(answers: readonly Answered[]): number {
  return reliability(answers).reduce(
    (sum, bin) => sum + (bin.count / answers.length) * Math.abs(bin.probability - bin.accuracy),
    0,
  )
}

export interface Threshold {
  /** Answers at or above this probability are given. */
  probability: number
  /** Share that is given. */
  coverage: number
  /** Share of those that is right. */
  accuracy: number
}

/**
 * The lowest probability above which enough answers are right, so that most can be given. `confidence`
 * asks that much of the lower end of the share's interval (Wilson) instead of the share itself; undefined
 * where no answers are that good.
 */
export function thresholdFor(
  answers: readonly Answered[],
  target: number,
  confidenceZ = 0,
): Threshold | undefined {
  const sorted = [...answers].sort((a, b) => b.probability - a.probability)
  let right = 0
  let best: Threshold | undefined
  for (const [at, one] of sorted.entries()) {
    if (one.label === one.predicted) right++
    const next = sorted[at + 1]
    if (next && next.probability === one.probability) continue
    const count = at + 1
    if (lowerBound(right, count, confidenceZ) < target) continue
    best = {
      probability: one.probability,
      coverage: count / answers.length,
      accuracy: right / count,
    }
  }
  return best
}

/** What a threshold gives on other answers. */
export function atThreshold(answers: readonly Answered[], probability: number): Threshold {
  const given = answers.filter((one) => one.probability >= probability)
  return { probability, coverage: given.length / answers.length, accuracy: accuracy(given) }
}

/** Lower end of Wilson's interval of a share; with z = 0 the share itself. */
export function lowerBound(right: number, count: number, z: number): number {
  const share = right / count
  const spread = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))
  return (share + (z * z) / (2 * count) - spread) / (1 + (z * z) / count)
}
