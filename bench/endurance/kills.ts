/**
 * The kill loop of the tests, long: half of the kills on the embedded database, half on a PostgreSQL
 * server with a worker beside it, where one is installed. Ends with an error at the first thing lost.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { startPostgres } from '../../tests/postgres-server.ts'
import { type Figure, figure } from '../figures.ts'
import type { BenchOptions } from '../main.ts'

const file = 'tests/kill-loop.test.ts'
/** Each kill may take so long: the rest before it, a start, the work of the clients. */
const secondsPerKill = 15

export async function manyKills(options: BenchOptions): Promise<Figure[]> {
  const kills = options.quick ? 6 : 250
  const figures = await killLoop('embedded', kills, {}, options)
  const postgres = startPostgres()
  if (!postgres) return figures
  try {
    const more = { BASTIDE_TEST_POSTGRES: postgres.socketFolder }
    return [...figures, ...(await killLoop('server', kills, more, options))]
  } finally {
    postgres.stop()
  }
}

async function killLoop(
  database: string,
  kills: number,
  more: NodeJS.ProcessEnv,
  options: BenchOptions,
): Promise<Figure[]> {
  options.progress(`${kills} kills under load, ${database} database`)
  const limitMs = (300 + kills * secondsPerKill) * 1000
  const child = spawn(process.execPath, ['--no-maglev', `--test-timeout=${limitMs}`, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...more, BASTIDE_TEST_KILLS: String(kills) },
  })
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  let acknowledged = Number.NaN
  createInterface({ input: child.stdout }).on('line', (line) => {
    output += `${line}\n`
    if (!line.startsWith('killed:')) return
    options.progress(line)
    const counts = [...line.matchAll(/(\d+) (?:calls|files|keys|batches|documents)/g)]
    acknowledged = counts.reduce((sum, [, count]) => sum + Number(count), 0)
  })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error(`The kill loop on the ${database} database failed:\n${output}`)
  return [
    figure(`${database}_kills_survived`, 'kills', [kills]),
    figure(`${database}_acknowledged_and_found`, 'items', [acknowledged]),
  ]
}
