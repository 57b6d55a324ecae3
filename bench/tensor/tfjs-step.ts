/** The same models in TensorFlow.js on its WebAssembly backend, for scale. */
import type * as tfjs from '@tensorflow/tfjs-core'
import type { TransformerSizes } from '../../src/forge/tensor/torch-fixture.ts'
import { type ReferenceName, references } from './references.ts'
import { startTensorFlow } from './tfjs.ts'

const [name, steps] = [process.argv[2] as ReferenceName, Number(process.argv[3])]
const reference = references[name]
const tf = await startTensorFlow(process.argv[4]!)

const weight = (shape: number[]) => tf.variable(tf.randomNormal(shape, 0, 0.05))
const zeros = (size: number) => tf.variable(tf.zeros([size]))

interface Layer {
  weight: tfjs.Variable
  bias: tfjs.Variable
}
const layer = (inputs: number, outputs: number): Layer => ({
  weight: weight([inputs, outputs]),
  bias: zeros(outputs),
})
const linear = (x: tfjs.Tensor, { weight: w, bias }: Layer): tfjs.Tensor => {
  const rows = tf.reshape(x, [-1, x.shape.at(-1)!]) as tfjs.Tensor2D
  const all = tf.add(tf.matMul(rows, w as tfjs.Tensor2D), bias)
  return tf.reshape(all, [...x.shape.slice(0, -1), w.shape[1]!])
}

function perceptron(): (x: tfjs.Tensor) => tfjs.Tensor {
  const widths = reference.sizes.widths as number[]
  const layers = widths.slice(1).map((width, at) => layer(widths[at]!, width))
  return (x) =>
    layers.reduce((y, one, at) => {
      const next = linear(y, one)
      return at < layers.length - 1 ? tf.relu(next) : next
    }, x)
}

function normalised(x: tfjs.Tensor, scale: tfjs.Variable, bias: tfjs.Variable): tfjs.Tensor {
  const { mean, variance } = tf.moments(x, -1, true)
  const centred = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)))
  return tf.add(tf.mul(centred, scale), bias)
}

function transformer(): (x: tfjs.Tensor) => tfjs.Tensor {
  const { layers, width, heads, hidden, classes } = reference.sizes as unknown as TransformerSizes
  const size = width / heads
  const norm = () => ({ scale: tf.variable(tf.ones([width])), bias: zeros(width) })
  const blocks = Array.from({ length: layers }, () => ({
    norm1: norm(),
    norm2: norm(),
    query: layer(width, width),
    key: layer(width, width),
    value: layer(width, width),
    out: layer(width, width),
    in: layer(width, hidden),
    back: layer(hidden, width),
  }))
  const [last, head] = [norm(), layer(width, classes)]
  const gelu = (x: tfjs.Tensor) => {
    const cubic = tf.mul(tf.mul(x, tf.mul(x, x)), 0.044715)
    const bend = tf.tanh(tf.mul(tf.add(x, cubic), Math.sqrt(2 / Math.PI)))
    return tf.mul(tf.mul(x, 0.5), tf.add(bend, 1))
  }
  return (input) => {
    let x = input
    const [batch, length] = x.shape as [number, number]
    const split = (y: tfjs.Tensor) =>
      tf.transpose(tf.reshape(y, [batch, length, heads, size]), [0, 2, 1, 3])
    for (const block of blocks) {
      const seen = normalised(x, block.norm1.scale, block.norm1.bias)
      const [query, key, value] = [block.query, block.key, block.value].map((one) =>
        split(linear(seen, one)),
      )
      // Without transposes inside the product, whose gradients this backend computes slowly.
      const shares = tf.softmax(
        tf.div(tf.matMul(query!, tf.transpose(key!, [0, 1, 3, 2])), Math.sqrt(size)),
      )
      const mixed = tf.reshape(tf.transpose(tf.matMul(shares, value!), [0, 2, 1, 3]), [
        batch,
        length,
        width,
      ])
      x = tf.add(x, linear(mixed, block.out))
      const inner = normalised(x, block.norm2.scale, block.norm2.bias)
      x = tf.add(x, linear(gelu(linear(inner, block.in)), block.back))
    }
    return linear(normalised(x, last.scale, last.bias), head)
  }
}

const model = name === 'perceptron' ? perceptron() : transformer()
const optimiser = tf.train.adam(1e-3)
const x = tf.randomNormal(reference.input)
const count = reference.label.reduce((product, length) => product * length, 1)
const labels = tf.oneHot(
  tf.randomUniform([count], 0, reference.classes, 'int32'),
  reference.classes,
)
const cpu: number[] = []
for (let step = 0; step < steps; step++) {
  const before = process.cpuUsage()
  optimiser.minimize(() => {
    const scores = tf.reshape(model(x), [count, reference.classes])
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(scores), labels), -1))) as tfjs.Scalar
  })
  const { user, system } = process.cpuUsage(before)
  cpu.push((user + system) / 1e6)
}
console.log(JSON.stringify({ cpu, peakKilobytes: process.resourceUsage().maxRSS }))
process.exit(0)
