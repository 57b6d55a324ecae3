/**
 * What Forge's specialists reach on public data, beside what a classical baseline got there: the test split is
 * used once, at the end, by models whose settings were chosen on rows held out of the training split.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClassifier } from '../../src/forge/classify/package.ts'
import { makeSpecialist } from '../../src/forge/make.ts'
import { type Figure, figure } from '../figures.ts'
import type { BenchOptions } from '../main.ts'
import { pairSets } from './pair-sets.ts'
import { spanSets } from './span-sets.ts'
import { type LabelledText, type TextSet, textSets } from './text-sets.ts'

const defaultRoot = '../shared/data/text'
const seeds = [1, 2, 3]

export async function benchForge(options: BenchOptions): Promise<Figure[]> {
  const root = options.data ?? defaultRoot
  if (!existsSync(root)) {
    options.progress(`No data under ${root}: name a folder of public sets with --data.`)
    return []
  }
  const figures: Figure[] = []
  for (const set of textSets(root)) {
    if (options.part && options.part !== set.name) continue
    figures.push(...(await classifySet(set, options)))
  }
  const others = [
    ...spanSets(root).map((set) => ({ ...set, task: 'tag' as const })),
    ...pairSets(root).map((set) => ({ ...set, task: 'match' as const })),
  ]
  for (const set of others) {
    if (options.part && options.part !== set.name) continue
    figures.push(...(await foundSet(set, options)))
  }
  return figures
}

/** Spans or pairs: the F1 of what is found. */
async function foundSet(
  {
    name,
    task,
    train,
    test,
    floor,
  }: { name: string; task: 'tag' | 'match'; train: object[]; test: object[]; floor: number },
  options: BenchOptions,
): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-bench-forge-'))
  const write = (file: string, rows: readonly object[]) => {
    const path = join(folder, file)
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
    return path
  }
  const [data, tested] = [write('train.jsonl', train), write('test.jsonl', test)]
  const [f1s, cpu]: [number[], number[]] = [[], []]
  try {
    for (const seed of options.quick ? seeds.slice(0, 1) : seeds) {
      const made = await makeSpecialist({
        name: 'bench',
        task,
        folder: join(folder, 'package'),
        data,
        test: tested,
        columns: {},
        budgetSeconds: 30,
        seed,
        progress: () => {},
      })
      const measured = made.evaluation.test!
      if (measured.kind !== 'spans' && measured.kind !== 'pairs') throw new Error('spans or pairs')
      f1s.push(measured.f1.value * 100)
      cpu.push(made.cpuSeconds)
      options.progress(
        `${name}, seed ${seed}: F1 ${f1s.at(-1)!.toFixed(2)} (baseline ${floor}), ${made.cpuSeconds.toFixed(1)} CPU-s`,
      )
    }
    return [
      figure(`${name}_f1`, '%', f1s),
      figure(
        `${name}_above_baseline`,
        'points',
        f1s.map((one) => one - floor),
      ),
      figure(`${name}_train_cpu`, 'CPU s', cpu),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function classifySet(set: TextSet, options: BenchOptions): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-bench-forge-'))
  const write = (name: string, rows: readonly LabelledText[]) => {
    const path = join(folder, name)
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
    return path
  }
  const [data, test] = [write('train.jsonl', set.train), write('test.jsonl', set.test)]
  const results: Record<'accuracy' | 'calibration' | 'cpu' | 'answered' | 'right', number[]> = {
    accuracy: [],
    calibration: [],
    cpu: [],
    answered: [],
    right: [],
  }
  try {
    for (const seed of options.quick ? seeds.slice(0, 1) : seeds) {
      const made = await makeSpecialist({
        name: set.name,
        task: 'classify',
        folder: join(folder, 'package'),
        data,
        test,
        columns: {},
        budgetSeconds: 30,
        seed,
        progress: () => {},
      })
      const measured = made.evaluation.test!
      if (measured.kind !== 'label') throw new Error('rows have one label each here')
      const bar = measured.answered.find(({ target }) => target === 0.98)
      results.accuracy.push(measured.accuracy.value * 100)
      results.calibration.push(measured.calibrationError)
      results.cpu.push(made.cpuSeconds)
      results.answered.push((bar?.coverage ?? 0) * 100)
      results.right.push((bar?.accuracy ?? Number.NaN) * 100)
      options.progress(
        `${set.name}, seed ${seed}: ${results.accuracy.at(-1)!.toFixed(2)} % (baseline ${(set.floor.accuracy * 100).toFixed(2)}), ${made.cpuSeconds.toFixed(1)} CPU-s (${set.floor.cpuSeconds}), answered at 98 %: ${results.answered.at(-1)!.toFixed(1)} % (${results.right.at(-1)!.toFixed(1)} % right), ECE ${results.calibration.at(-1)!.toFixed(3)}`,
      )
    }
    return [
      figure(`${set.name}_accuracy`, '%', results.accuracy),
      figure(
        `${set.name}_above_baseline`,
        'points',
        results.accuracy.map((one) => one - set.floor.accuracy * 100),
      ),
      figure(`${set.name}_train_cpu`, 'CPU s', results.cpu),
      figure(`${set.name}_answered_at_98`, '%', results.answered),
      figure(`${set.name}_right_at_98`, '%', results.right),
      figure(`${set.name}_calibration_error`, '', results.calibration),
      ...(await speeds(set, join(folder, 'package'))),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Processor time of single calls, and texts per second in a batch, on one thread. */
async function speeds(set: TextSet, folder: string): Promise<Figure[]> {
  const { classifier, close } = await openClassifier(folder)
  const cpu = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
  const texts = set.test.map(({ text }) => text)
  const single: number[] = []
  for (const text of texts.slice(0, 500)) {
    const before = performance.now()
    await classifier.classify([text])
    single.push(performance.now() - before)
  }
  const rates: number[] = []
  for (let round = 0; round < 5; round++) {
    const before = cpu()
    await classifier.scores(texts)
    rates.push(texts.length / (cpu() - before))
  }
  await close()
  return [
    figure(`${set.name}_single_call`, 'ms', single),
    figure(`${set.name}_batch`, 'texts/CPU s', rates),
  ]
}
