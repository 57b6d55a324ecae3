/** What holds over time and against rude callers: kills, a soak, slow readers, a greedy workspace. */
import type { Figure } from '../figures.ts'
import type { BenchOptions } from '../main.ts'
import { fairness } from './fairness.ts'
import { manyKills } from './kills.ts'
import { slowReaders } from './slow-readers.ts'
import { soak } from './soak.ts'

const parts: Record<string, (options: BenchOptions) => Promise<Figure[]>> = {
  kills: manyKills,
  soak,
  slow: slowReaders,
  fairness,
}

export async function benchEndurance(options: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [name, part] of Object.entries(parts)) {
    if (options.part !== undefined && options.part !== name) continue
    figures.push(...(await part(options)))
  }
  return figures
}
