/** Figures against values worked out by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interval, pairedBetter } from './bootstrap.ts'
import * as metrics from './classification.ts'

const answer = (label: number, predicted: number, probability = 0.9) => ({
  label,
  predicted,
  probability,
})
const answers = [answer(0, 0), answer(0, 0), answer(0, 1), answer(1, 1), answer(2, 1), answer(2, 2)]

test('accuracy, confusion and F1', () => {
  assert.equal(metrics.accuracy(answers), 4 / 6)
  assert.deepEqual(metrics.confusion(answers, 3), [
    [2, 1, 0],
    [0, 1, 0],
    [0, 1, 1],
  ])
  const [first, second, third] = metrics.classScores(answers, 3)
  assert.deepEqual(first, { precision: 1, recall: 2 / 3, f1: 0.8, support: 3 })
  assert.deepEqual(second, { precision: 1 / 3, recall: 1, f1: 0.5, support: 1 })
  assert.equal(third!.f1, 2 / 3)
  assert.ok(Math.abs(metrics.macroF1(answers, 3) - (0.8 + 0.5 + 2 / 3) / 3) < 1e-12)
  assert.equal(metrics.fScore(0, 0, 0).f1, 0)
})

test('calibration error is the distance between what is said and what happens', () => {
  const sure = [answer(0, 0, 0.95), answer(0, 1, 0.95), answer(0, 0, 0.95), answer(0, 0, 0.95)]
  assert.ok(Math.abs(metrics.calibrationError(sure) - 0.2) < 1e-12)
  assert.equal(metrics.calibrationError([answer(0, 0, 1)]), 0)
})

test('a threshold keeps as many answers as may be right enough', () => {
  const graded = [
    answer(0, 0, 0.9),
    answer(0, 0, 0.8),
    answer(0, 1, 0.7),
    answer(0, 0, 0.6),
    answer(0, 0, 0.6),
  ]
  assert.deepEqual(metrics.thresholdFor(graded, 1), {
    probability: 0.8,
    coverage: 0.4,
    accuracy: 1,
  })
  assert.deepEqual(metrics.thresholdFor(graded, 0.8), {
    probability: 0.6,
    coverage: 1,
    accuracy: 0.8,
  })
  assert.equal(metrics.thresholdFor([answer(0, 1, 0.9)], 0.5), undefined)
  assert.equal(metrics.thresholdFor(graded, 1, 1.645), undefined, 'two answers prove nothing')
  assert.deepEqual(metrics.atThreshold(graded, 0.75), {
    probability: 0.75,
    coverage: 0.4,
    accuracy: 1,
  })
  // Wilson's interval of 8 of 10 at 95 %, two-sided: 0.490 to 0.943.
  assert.ok(Math.abs(metrics.lowerBound(8, 10, 1.96) - 0.4902) < 1e-3)
})

test('intervals hold the figure, and a clear difference is clear', () => {
  const rows = Array.from({ length: 200 }, (_, at) => (at % 4 === 0 ? 0 : 1))
  const mean = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / some.length
  const { value, low, high } = interval(rows, mean)
  assert.equal(value, 0.75)
  assert.ok(low < 0.72 && low > 0.65 && high > 0.78 && high < 0.85)
  const better = rows.map((one, at) => (at % 8 === 0 ? 1 : one))
  assert.ok(pairedBetter(better, rows) > 0.99)
  assert.equal(pairedBetter(rows, rows), 0.5)
})
