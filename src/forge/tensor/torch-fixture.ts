/** Two models in Forge and in PyTorch, from the same weights on the same batches. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformerBlock } from '../nn/attention.ts'
import { linear, normalised } from '../nn/layers.ts'
import type { Parameters } from '../nn/parameters.ts'
import { createRandom } from '../random.ts'
import { relu } from './elementwise.ts'
import { crossEntropy } from './losses.ts'
import { input, sizeOf, type Tensor } from './tensor.ts'
import type { Feeds } from './training-session.ts'
import type { Weights } from './weights.ts'

export interface Reference {
  model: 'perceptron' | 'transformer'
  sizes: Record<string, number | number[]>
  /** Shape of a batch of inputs, and of its labels. */
  input: number[]
  label: number[]
  classes: number
  build(parameters: Parameters): Tensor
}

export function perceptron(widths: number[], batch: number): Reference {
  const classes = widths.at(-1)!
  return {
    model: 'perceptron',
    sizes: { widths },
    input: [batch, widths[0]!],
    label: [batch],
    classes,
    build(parameters) {
      let x = input('x', [batch, widths[0]!])
      for (const [at, width] of widths.slice(1).entries()) {
        x = linear(parameters.scope(`layer${at}`), x, width)
        if (at < widths.length - 2) x = relu(x)
      }
      return crossEntropy(x, input('y', [batch], 'int64'))
    },
  }
}

export interface TransformerSizes {
  layers: number
  width: number
  heads: number
  hidden: number
  classes: number
  batch: number
  length: number
}

export function transformer({ batch, length, ...sizes }: TransformerSizes): Reference {
  return {
    model: 'transformer',
    sizes,
    input: [batch, length, sizes.width],
    label: [batch, length],
    classes: sizes.classes,
    build(parameters) {
      let x = input('x', [batch, length, sizes.width])
      for (let layer = 0; layer < sizes.layers; layer++) {
        x = transformerBlock(parameters.scope(`block${layer}`), x, sizes)
      }
      const scores = linear(
        parameters.scope('head'),
        normalised(parameters.scope('norm'), x),
        sizes.classes,
      )
      return crossEntropy(scores, input('y', [batch, length], 'int64'))
    },
  }
}

/** Batches of noise whose labels depend on it, so that there is something to learn. */
export function batchesOf({ input: x, label: y, classes }: Reference, count: number): Feeds[] {
  const random = createRandom(11)
  return Array.from({ length: count }, () => {
    const inputs = Float32Array.from({ length: sizeOf(x) }, () => random.normal())
    const width = x.at(-1)!
    const labels = BigInt64Array.from({ length: sizeOf(y) }, (_, at) => {
      const row = inputs.subarray(at * width, at * width + classes)
      return BigInt(row.indexOf(Math.max(...row)))
    })
    return {
      x: { type: 'float32', shape: x, data: inputs },
      y: { type: 'int64', shape: y, data: labels },
    }
  })
}

export interface TorchResult {
  losses: number[]
  /** Seconds per step. */
  cpu: number[]
  wall: number[]
  peakKilobytes: number
}

export interface TorchOptions {
  steps: number
  rate: number
  decay: number
  threads: number
}

const script = fileURLToPath(new URL('./torch_reference.py', import.meta.url))
/** Debian's Python is the one that has Debian's PyTorch. */
const python = '/usr/bin/python3'

export const torchVersion = (): string | undefined => {
  const { status, stdout } = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'])
  return status === 0 ? String(stdout).trim() : undefined
}

/** Trains the reference in PyTorch. */
export function runTorch(
  reference: Reference,
  weights: Weights,
  batches: readonly Feeds[],
  options: TorchOptions,
): TorchResult {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-torch-'))
  try {
    const values = weights.parameters.map(({ name }) => weights.view(name, weights.values))
    const bytes = (arrays: readonly ArrayBufferView[]) =>
      Buffer.concat(arrays.map((one) => Buffer.from(one.buffer, one.byteOffset, one.byteLength)))
    writeFileSync(join(folder, 'weights.f32'), bytes(values))
    writeFileSync(join(folder, 'inputs.f32'), bytes(batches.map((feeds) => feeds.x!.data)))
    writeFileSync(join(folder, 'labels.i64'), bytes(batches.map((feeds) => feeds.y!.data)))
    const { model, sizes, input: shape, label } = reference
    const spec = { model, sizes, input: shape, label, folder, ...options }
    const { status, stdout, stderr } = spawnSync(python, [script], {
      input: JSON.stringify(spec),
      maxBuffer: 2 ** 26,
      env: { ...process.env, OMP_NUM_THREADS: String(options.threads) },
    })
    if (status !== 0) throw new Error(`PyTorch ended with ${status}: ${stderr}`)
    return JSON.parse(String(stdout)) as TorchResult
  } finally {
    rmSync(folder, { recursive: true })
  }
}
