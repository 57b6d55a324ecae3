/** Every operator's gradient against differences of its values. */
import { test } from 'node:test'
import { attention, transformerBlock } from '../nn/attention.ts'
import * as layers from '../nn/layers.ts'
import type { Parameters } from '../nn/parameters.ts'
import { spectral1d } from '../nn/spectral.ts'
import { convolve } from './convolution.ts'
import * as elementwise from './elementwise.ts'
import { checkGradients, scored, some } from './gradient-fixture.ts'
import { gather } from './lookup.ts'
import * as losses from './losses.ts'
import { affine, dot, matmul, transposeLast } from './matrix.ts'
import { layerNorm, logSoftmax, reduceMax, softmax } from './normalise.ts'
import * as shaping from './shaping.ts'
import { constant, input, integers, scalar, type Tensor } from './tensor.ts'
import type { Feeds } from './training-session.ts'

type Case = [name: string, build: (parameters: Parameters) => Tensor, feeds?: Feeds]

const one =
  (f: (x: Tensor) => Tensor, shape = [2, 3]) =>
  (p: Parameters) =>
    scored(f(some(p, 'x', shape)))
const two =
  (f: (a: Tensor, b: Tensor) => Tensor, a = [2, 3], b = [2, 3]) =>
  (p: Parameters) =>
    scored(f(some(p, 'a', a), some(p, 'b', b)))
const positive = (f: (x: Tensor) => Tensor) =>
  one((x) => f(elementwise.add(elementwise.multiply(x, x), 1)))

const cases: Case[] = [
  ...(['add', 'subtract', 'multiply', 'maximum'] as const).flatMap((name): Case[] => [
    [name, two(elementwise[name])],
    [`${name}, a row to all`, two(elementwise[name], [2, 3], [3])],
    [`${name}, a column to all`, two(elementwise[name], [2, 1, 3], [4, 1])],
    [`${name}, a number`, one((x) => elementwise[name](x, 0.3))],
    [`${name}, from a number`, one((x) => elementwise[name](0.3, x))],
  ]),
  ['divide', two((a, b) => elementwise.divide(a, elementwise.add(elementwise.multiply(b, b), 1)))],
  ...(
    [
      'negate',
      'exp',
      'tanh',
      'sigmoid',
      'softplus',
      'relu',
      'abs',
      'sine',
      'cosine',
      'erf',
      'gelu',
    ] as const
  ).map((name): Case => [name, one(elementwise[name])]),
  ...(['log', 'sqrt'] as const).map((name): Case => [name, positive(elementwise[name])]),
  [
    'choose',
    two((a, b) => elementwise.choose(elementwise.greater(a, b), a, elementwise.multiply(b, 2))),
  ],
  ...[false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB): Case[] => {
      const flags = `${transposeA ? 'A' : ''}${transposeB ? 'B' : ''} turned`
      const options = { transposeA, transposeB, scale: 0.7 }
      const a = transposeA ? [4, 2] : [2, 4]
      const b = transposeB ? [3, 4] : [4, 3]
      const product = (x: Tensor, y: Tensor) => matmul(x, y, options)
      return [
        [`matmul ${flags}`, two(product, a, b)],
        [`matmul of stacks ${flags}`, two(product, [2, ...a], [2, ...b])],
        [`matmul of a stack and one ${flags}`, two(product, [3, ...a], b)],
        [`matmul of one and a stack ${flags}`, two(product, a, [3, ...b])],
        [`matmul of stacks of stacks ${flags}`, two(product, [2, 1, ...a], [2, ...b])],
      ]
    }),
  ),
  ['matmul, plain stack', two((a, b) => matmul(a, b), [2, 3, 4], [4, 2])],
  ['affine', (p) => scored(affine(some(p, 'x', [3, 2]), some(p, 'w', [2, 4]), some(p, 'b', [4])))],
  ['dot', two(dot)],
  ['transposeLast', one(transposeLast, [2, 3, 2])],
  ['softmax', one(softmax)],
  ['logSoftmax', one(logSoftmax)],
  ['reduceMax', one((x) => reduceMax(x, 1))],
  ['reduceMax, kept', one((x) => reduceMax(x, 0, true))],
  [
    'layerNorm',
    (p) => scored(layerNorm(some(p, 'x', [2, 2, 5]), some(p, 's', [5]), some(p, 'b', [5]))),
  ],
  ['reduceSum', one((x) => shaping.reduceSum(x, [0]))],
  ['reduceSum, kept', one((x) => shaping.reduceSum(x, [-1], true))],
  ['reduceMean', one((x) => shaping.reduceMean(x, [0, 2]), [2, 3, 2])],
  ['transpose', one((x) => shaping.transpose(x, [2, 0, 1]), [2, 3, 2])],
  ['reshape', one((x) => shaping.reshape(x, [3, 2]))],
  ['unsqueeze', one((x) => shaping.unsqueeze(x, [1]))],
  [
    'expandLike',
    (p) => scored(shaping.expandLike(some(p, 'x', [2, 1]), constant(new Float32Array(6), [2, 3]))),
  ],
  ['concat', two((a, b) => shaping.concat([a, b], 1), [2, 3], [2, 1])],
  ['slice', one((x) => shaping.slice(x, 1, 1, 3))],
  ['slice from the end', one((x) => shaping.slice(x, 1, 1, -1), [2, 4])],
  ['padZero', one((x) => shaping.padZero(x, 1, 1, 2))],
  ['shift', one((x) => elementwise.add(shaping.shift(x, 1, 1), shaping.shift(x, 1, -2)), [2, 4])],
  ['gather', (p) => scored(gather(some(p, 't', [4, 3]), integers([1, 3, 1])))],
  [
    'gather from a large table',
    (p) => scored(gather(some(p, 't', [600, 1]), integers([1, 599, 1]))),
  ],
  [
    'conv 1d',
    (p) =>
      scored(
        convolve(some(p, 'x', [2, 3, 7]), some(p, 'w', [2, 3, 3]), some(p, 'b', [2]), {
          padding: [1],
        }),
      ),
  ],
  [
    'conv 1d, steps and distances',
    (p) =>
      scored(
        convolve(some(p, 'x', [2, 2, 9]), some(p, 'w', [3, 2, 3]), some(p, 'b', [3]), {
          padding: [2],
          strides: [2],
          dilations: [2],
        }),
      ),
  ],
  [
    'conv 1d, places left over',
    (p) =>
      scored(
        convolve(some(p, 'x', [1, 2, 8]), some(p, 'w', [2, 2, 3]), undefined, { strides: [3] }),
      ),
  ],
  [
    'conv 2d',
    (p) =>
      scored(
        convolve(some(p, 'x', [2, 2, 4, 5]), some(p, 'w', [3, 2, 3, 3]), some(p, 'b', [3]), {
          padding: [1, 1],
          strides: [2, 1],
        }),
      ),
  ],
  ['crossEntropy', (p) => losses.crossEntropy(some(p, 'x', [3, 4]), integers([0, 3, 1]))],
  [
    'crossEntropy, smoothed and weighted',
    (p) =>
      losses.crossEntropy(some(p, 'x', [3, 4]), integers([0, 3, 1]), {
        smoothing: 0.1,
        weights: constant(Float32Array.of(1, 0, 2), [3]),
      }),
  ],
  [
    'binaryCrossEntropy',
    (p) =>
      losses.binaryCrossEntropy(
        some(p, 'x', [2, 2]),
        constant(Float32Array.of(1, 0, 0, 1), [2, 2]),
      ),
  ],
  ['meanSquared', (p) => losses.meanSquared(some(p, 'x', [2, 2]), some(p, 'y', [2, 2]))],
  ['meanAbsolute', (p) => losses.meanAbsolute(some(p, 'x', [2, 2]), some(p, 'y', [2, 2]))],
  ['contrastive', (p) => losses.contrastive(some(p, 'a', [3, 4]), some(p, 'b', [3, 4]), 0.5)],
  ['ranking', (p) => losses.ranking(some(p, 'a', [4]), some(p, 'b', [4]))],
  [
    'softCrossEntropy',
    (p) =>
      losses.softCrossEntropy(
        some(p, 'x', [2, 3]),
        softmax(constant(Float32Array.of(1, 2, 3, 0, 0, 1), [2, 3])),
      ),
  ],
  ['embedding', (p) => scored(layers.embedding(p, integers([2, 0, 2]), 3, 4))],
  ['linear', (p) => scored(layers.linear(p, some(p, 'x', [2, 3, 4]), 2))],
  ['feedForward', (p) => scored(layers.feedForward(p, some(p, 'x', [2, 4]), 6))],
  ['depthwise', (p) => scored(layers.depthwise(p, some(p, 'x', [2, 5, 3]), 3))],
  [
    'depthwise, causal',
    (p) => scored(layers.depthwise(p, some(p, 'x', [2, 5, 3]), 3, { causal: true })),
  ],
  ['gatedConvolution', (p) => scored(layers.gatedConvolution(p, some(p, 'x', [1, 4, 4]), 3))],
  ['convolution1d', (p) => scored(layers.convolution1d(p, some(p, 'x', [1, 2, 6]), 3, 3, 2))],
  [
    'convolution2d',
    (p) => scored(layers.convolution2d(p, some(p, 'x', [1, 2, 4, 4]), 2, 3, { stride: 2 })),
  ],
  ['spectral1d', (p) => scored(spectral1d(p, some(p, 'x', [2, 6, 2]), 3, 3))],
  ['attention', (p) => scored(attention(p, some(p, 'x', [2, 3, 4]), { heads: 2 }))],
  [
    'attention, causal and turned',
    (p) =>
      scored(attention(p, some(p, 'x', [1, 4, 8]), { heads: 2, causal: true, rotaryLength: 8 })),
  ],
  [
    'attention, masked',
    (p) => {
      const mask = constant(Float32Array.of(1, 1, 0), [1, 3])
      return scored(attention(p, some(p, 'x', [1, 3, 4]), { heads: 1, mask }))
    },
  ],
  [
    'transformerBlock',
    (p) => scored(transformerBlock(p, some(p, 'x', [1, 3, 4]), { heads: 2, hidden: 8 })),
  ],
  [
    'lengths known only at run time',
    (p) => {
      const x = input('x', ['batch', 'length', 4])
      const seen = transformerBlock(p, elementwise.multiply(x, some(p, 's', [4])), {
        heads: 2,
        hidden: 4,
        causal: true,
      })
      const mixed = layers.gatedConvolution(p.scope('gate'), seen, 3)
      return losses.mean(elementwise.multiply(mixed, mixed))
    },
    {
      x: {
        type: 'float32',
        shape: [2, 3, 4],
        data: Float32Array.from({ length: 24 }, (_, at) => Math.sin(at)),
      },
    },
  ],
  [
    'a loss used twice',
    (p) => {
      const x = some(p, 'x', [3])
      const half = elementwise.multiply(losses.mean(elementwise.multiply(x, x)), 0.5)
      return elementwise.add(half, elementwise.multiply(half, scalar(3)))
    },
  ],
]

for (const [name, build, feeds] of cases) {
  test(`gradient of ${name}`, () => checkGradients(build, feeds))
}
