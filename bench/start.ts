/** From the command to the first served request, first and later starts; idle memory; installed size. */
import { spawnSync } from 'node:child_process'
import { newDataFolder, startProgram } from '../tests/running-program.ts'
import { type Figure, figure } from './figures.ts'
import type { BenchOptions } from './main.ts'
import { residentMegabytes } from './memory.ts'

const idleSeconds = 8

export async function benchStart(options: BenchOptions): Promise<Figure[]> {
  const folder = options.data ?? newDataFolder()
  const first = await startOnce(folder)
  options.progress(`first start ${first.seconds.toFixed(2)} s, idle ${first.idle.toFixed(0)} MB`)
  const later: Awaited<ReturnType<typeof startOnce>>[] = []
  for (let round = 1; round <= (options.quick ? 2 : 5); round++) {
    later.push(await startOnce(folder, first.key))
    const { seconds, idle } = later.at(-1)!
    options.progress(`start ${round + 1}: ${seconds.toFixed(2)} s, idle ${idle.toFixed(0)} MB`)
  }
  return [
    figure('first_start_seconds', 's', [first.seconds]),
    figure('first_idle_memory_mb', 'MB', [first.idle]),
    figure(
      'start_seconds',
      's',
      later.map((one) => one.seconds),
    ),
    figure(
      'idle_memory_mb',
      'MB',
      later.map((one) => one.idle),
    ),
    figure('installed_mb', 'MB', [installedMegabytes()]),
  ]
}

async function startOnce(folder: string, knownKey?: string) {
  const startedAt = performance.now()
  const program = await startProgram({ folder, ...(knownKey && { key: knownKey }) })
  const response = await fetch(new URL('/v1/models', program.url), {
    headers: { authorization: `Bearer ${program.key}` },
  })
  if (!response.ok) throw new Error(await response.text())
  const seconds = (performance.now() - startedAt) / 1000
  await new Promise((resume) => setTimeout(resume, idleSeconds * 1000))
  const idle = residentMegabytes(program.process.pid!)
  const ended = new Promise((resolve) => program.process.once('exit', resolve))
  program.process.kill('SIGTERM')
  await ended
  return { seconds, idle, key: program.key }
}

/** What node_modules holds without the packages that only tests need. */
function installedMegabytes(): number {
  const { stdout } = spawnSync('npm', ['ls', '--all', '--parseable', '--omit=dev'], {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  })
  const packages = stdout.split('\n').filter((path) => path.includes('/node_modules/'))
  // Nested packages are inside their parents' folders: only the outermost are counted.
  const outermost = packages.filter((path) => path.split('/node_modules/').length === 2)
  const sizes = spawnSync('du', ['-scm', ...outermost], { encoding: 'utf8' })
  return Number(/(\d+)\s+total\s*$/.exec(sizes.stdout)?.[1] ?? Number.NaN)
}
