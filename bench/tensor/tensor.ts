/**
 * A step of training (forward, backward, AdamW) of two models, in seconds of processor time and memory, by
 * Forge, by PyTorch and by TensorFlow.js, each in a process of its own, in turns, on one thread.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { openModel } from '../../src/forge/tensor/gradient-fixture.ts'
import { batchesOf, runTorch, torchVersion } from '../../src/forge/tensor/torch-fixture.ts'
import { type Figure, figure } from '../figures.ts'
import type { BenchOptions } from '../main.ts'
import { type ReferenceName, references } from './references.ts'

interface Step {
  /** Seconds of processor time, per step. */
  cpu: number[]
  peakKilobytes: number
}

const steps: Record<ReferenceName, { full: number; quick: number }> = {
  perceptron: { full: 300, quick: 30 },
  transformer: { full: 20, quick: 4 },
}
/** Steps at the start that compile, allocate and fill caches. */
const warmUpShare = 0.2

export async function benchTensor(options: BenchOptions): Promise<Figure[]> {
  const rounds = options.quick ? 1 : 5
  const version = torchVersion()
  if (!version) options.progress("PyTorch is not there: install Debian's python3-torch to compare.")
  const tensorFlow = await bundleTensorFlow()
  const figures: Figure[] = []
  for (const name of Object.keys(references) as ReferenceName[]) {
    const count = steps[name][options.quick ? 'quick' : 'full']
    const seen: Record<'forge' | 'torch' | 'tfjs', Step[]> = { forge: [], torch: [], tfjs: [] }
    for (let round = 1; round <= rounds; round++) {
      seen.forge.push(inProcess(forgeStep, name, count))
      if (version) seen.torch.push(await byTorch(name, count))
      // Slow, and there for scale only.
      if (round === 1) seen.tfjs.push(inProcess(tensorFlow, name, Math.max(3, count / 20)))
      options.progress(
        `${name}, round ${round} of ${rounds}: Forge ${shown(seen.forge)}, PyTorch ${shown(seen.torch)}, tfjs ${shown(seen.tfjs)}`,
      )
    }
    figures.push(...figuresOf(name, seen))
  }
  rmSync(dirname(tensorFlow), { recursive: true })
  return figures
}

const forgeStep = fileURLToPath(new URL('./forge-step.ts', import.meta.url))
const packages = fileURLToPath(new URL('../../node_modules/@tensorflow/', import.meta.url))

/** One program of TensorFlow.js and its model: its modules can only be read by a bundler. */
async function bundleTensorFlow(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-tfjs-'))
  const globals =
    "import * as forRequire from 'node:module'; globalThis.require = forRequire.createRequire(import.meta.url); globalThis.__dirname = ''"
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: {
      alias: [
        {
          find: /^@tensorflow\/tfjs-core$/,
          replacement: join(packages, 'tfjs-core/dist/index.js'),
        },
      ],
      mainFields: ['module', 'main'],
    },
    ssr: { noExternal: true, external: ['onnxruntime-node'], target: 'node' },
    build: {
      ssr: fileURLToPath(new URL('./tfjs-step.ts', import.meta.url)),
      outDir: folder,
      minify: false,
      rollupOptions: {
        output: { entryFileNames: 'step.mjs', banner: globals },
      },
    },
  })
  return join(folder, 'step.mjs')
}

const middle = (values: readonly number[]) => {
  const settled = values.slice(Math.floor(values.length * warmUpShare)).sort((a, b) => a - b)
  return settled[Math.floor(settled.length / 2)] ?? Number.NaN
}
const milliseconds = (rounds: readonly Step[]) => rounds.map(({ cpu }) => middle(cpu) * 1000)
const shown = (rounds: readonly Step[]) =>
  rounds.length === 0 ? 'not measured' : `${milliseconds(rounds).at(-1)!.toFixed(2)} ms`

function figuresOf(name: string, seen: Record<'forge' | 'torch' | 'tfjs', Step[]>): Figure[] {
  const times = { forge: milliseconds(seen.forge), torch: milliseconds(seen.torch) }
  const memory = (rounds: readonly Step[]) =>
    rounds.map(({ peakKilobytes }) => peakKilobytes / 1024)
  const ratio = (ours: readonly number[], theirs: readonly number[]) =>
    theirs.map((value, at) => ours[at]! / value)
  return [
    figure(`${name}_forge_ms`, 'CPU ms', times.forge),
    figure(`${name}_torch_ms`, 'CPU ms', times.torch),
    figure(`${name}_time_ratio`, 'x', ratio(times.forge, times.torch)),
    figure(`${name}_tfjs_ms`, 'CPU ms', milliseconds(seen.tfjs)),
    figure(`${name}_forge_peak_mb`, 'MB', memory(seen.forge)),
    figure(`${name}_torch_peak_mb`, 'MB', memory(seen.torch)),
    figure(`${name}_memory_ratio`, 'x', ratio(memory(seen.forge), memory(seen.torch))),
  ]
}

function inProcess(path: string, name: ReferenceName, count: number): Step {
  const wasm = join(packages, 'tfjs-backend-wasm/dist/')
  const node = ['--disable-warning=ExperimentalWarning', path, name, String(Math.ceil(count)), wasm]
  const { status, stdout, stderr } = spawnSync(process.execPath, node, { maxBuffer: 2 ** 26 })
  if (status !== 0) throw new Error(`${path} ended with ${status}: ${stderr}`)
  return JSON.parse(String(stdout).trim().split('\n').at(-1)!) as Step
}

async function byTorch(name: ReferenceName, count: number): Promise<Step> {
  const reference = references[name]
  const { weights, session } = await openModel(reference.build)
  await session.close()
  const options = { steps: count, rate: 1e-3, decay: 0.01, threads: 1 }
  return runTorch(reference, weights, batchesOf(reference, 2), options)
}
