/** Losses computed outside the graph: against all ways counted one by one, and their gradients against values. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chainSums, tagShare } from '../../models/specialist/chain.ts'
import { mayFollow } from '../../models/specialist/viterbi.ts'
import { linear } from '../nn/layers.ts'
import { createParameters } from '../nn/parameters.ts'
import { createRandom } from '../random.ts'
import { ctc } from './ctc.ts'
import { tanh } from './elementwise.ts'
import { type OutsideLoss, openSplitSession } from './split-session.ts'
import { input } from './tensor.ts'
import { Weights } from './weights.ts'

/** What frames spell: repetitions are one, pauses are nothing. */
const spelt = (frames: readonly number[]) =>
  frames.filter((label, at) => label !== 0 && label !== frames[at - 1])

const allFrames = (count: number, classes: number): number[][] =>
  count === 0
    ? [[]]
    : allFrames(count - 1, classes).flatMap((frames) =>
        Array.from({ length: classes }, (_, label) => [...frames, label]),
      )

test('CTC is the sum over all frames that spell the labels', () => {
  const random = createRandom(4)
  const [frames, classes] = [5, 3]
  for (const labels of [[], [1], [1, 2], [1, 1], [2, 1, 2], [1, 1, 1]]) {
    const scores = Float32Array.from({ length: frames * classes }, () => random.normal())
    let total = 0
    for (const path of allFrames(frames, classes)) {
      if (String(spelt(path)) !== String(labels)) continue
      total += path.reduce((product, label, frame) => {
        const row = [...scores.subarray(frame * classes, (frame + 1) * classes)].map(Math.exp)
        return (product * row[label]!) / row.reduce((sum, one) => sum + one, 0)
      }, 1)
    }
    const { loss, gradient } = ctc(scores, classes, labels)
    assert.ok(Math.abs(loss + Math.log(total)) < 1e-5, `${labels}: ${loss}, ${-Math.log(total)}`)
    for (let at = 0; at < scores.length; at++) {
      const [up, down] = [scores.slice(), scores.slice()]
      up[at]! += 1e-2
      down[at]! -= 1e-2
      const slope = (ctc(up, classes, labels).loss - ctc(down, classes, labels).loss) / 2e-2
      assert.ok(Math.abs(slope - gradient[at]!) < 1e-3)
    }
  }
})

test('labels that the frames cannot spell lose everything and teach nothing', () => {
  const { loss, gradient } = ctc(new Float32Array(6), 3, [1, 2, 1])
  assert.equal(loss, Number.POSITIVE_INFINITY)
  assert.deepEqual([...gradient], [0, 0, 0, 0, 0, 0])
})

/** The loss of a chain whose transitions are all alike. */
function chainLoss(tags: readonly number[], count: number) {
  const transitions = new Float32Array(count * count)
  return (scores: Float32Array): OutsideLoss => {
    const sums = chainSums(scores, transitions, count)
    const right = tags.reduce((sum, tag, at) => sum + scores[at * count + tag]!, 0)
    const gradient = scores.map(
      (_, at) => tagShare(sums, at) - (tags[Math.floor(at / count)] === at % count ? 1 : 0),
    )
    return { loss: sums.total - right, gradient }
  }
}

const losses: [string, (scores: Float32Array) => OutsideLoss][] = [
  ['CTC', (scores) => ctc(scores, 3, [1, 2])],
  ['a chain', chainLoss([0, 1, 2, 0], 3)],
]

for (const [name, lossOf] of losses) {
  test(`${name}: gradients of the weights behind it are what the values say`, async () => {
    const parameters = createParameters()
    const x = input('x', ['frames', 4])
    const scores = linear(parameters.scope('out'), tanh(linear(parameters.scope('in'), x, 5)), 3)
    const weights = new Weights(parameters.infos(), 0)
    parameters.fill(weights, 3)
    const session = await openSplitSession(weights, scores, parameters.tensors)
    const data = Float32Array.from({ length: 16 }, (_, at) => Math.sin(at * 1.7))
    const run = () => session.run({ x: { type: 'float32', shape: [4, 4], data } }, lossOf)
    await run()
    const gradients = weights.gradients.numbers.slice()
    for (const { name: parameter } of weights.parameters) {
      const numbers = weights.view(parameter, weights.values)
      const from = (numbers.byteOffset - weights.values.numbers.byteOffset) / 4
      for (let at = 0; at < numbers.length; at++) {
        const before = numbers[at]!
        numbers[at] = before + 1 / 128
        const above = await run()
        numbers[at] = before - 1 / 128
        const below = await run()
        numbers[at] = before
        const slope = (above - below) * 64
        assert.ok(Math.abs(slope - gradients[from + at]!) < 0.005, `${parameter}[${at}]`)
      }
    }
    await session.close()
  })
}

test('tags that may not follow are no part of a chain', () => {
  const sums = chainSums(Float32Array.of(0, 0, 50), new Float32Array(9), 3)
  assert.ok(!mayFollow(undefined, 2) && tagShare(sums, 2) < 1e-9)
})
