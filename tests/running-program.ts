/** Starts the real program on a data folder of its own, as a user's shell would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'

const launcher = new URL('../bastide', import.meta.url).pathname
const main = new URL('../src/main.ts', import.meta.url).pathname

export interface RunningProgram extends AsyncDisposable {
  url: string
  key: string
  folder: string
  process: ChildProcess
  /** Runs a command of the command line against this program. */
  command(...args: string[]): Promise<{ code: number; output: string; errors: string }>
}

export function newDataFolder(): string {
  return mkdtempSync(join(tmpdir(), 'bastide-test-'))
}

/**
 * The embedded database, or, when the run is given a PostgreSQL server, a database of its own there
 * for each data folder.
 */
export async function databaseUrlOf(folder: string): Promise<string> {
  const server = process.env.BASTIDE_TEST_POSTGRES
  if (!server) return ''
  const name = basename(folder).replaceAll('-', '_').toLowerCase()
  const url = (database: string) => `postgres://postgres@/${database}?host=${server}`
  const client = new pg.Client({ connectionString: url('postgres') })
  await client.connect()
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
  if (rowCount === 0) await client.query(`create database "${name}"`)
  await client.end()
  return url(name)
}

/** Starts on `folder` (a new one by default); resolves when it serves. */
export async function startProgram(
  options: {
    folder?: string
    key?: string
    environment?: Record<string, string>
    /** Takes what the program writes to its log, instead of this process's own standard error. */
    log?: (text: string) => void
  } = {},
): Promise<RunningProgram> {
  const folder = options.folder ?? newDataFolder()
  const environment = {
    ...process.env,
    BASTIDE_LOG_LEVEL: 'warn',
    DATABASE_URL: await databaseUrlOf(folder),
    ...options.environment,
  }
  const child = spawn(launcher, ['up', '--json', '--port', '0', '--data', folder], {
    stdio: ['ignore', 'pipe', options.log ? 'pipe' : 'inherit'],
    env: environment,
  })
  if (options.log) child.stderr!.setEncoding('utf8').on('data', options.log)
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}`)))
  })
  const { url, adminKey } = JSON.parse(line) as { url: string; adminKey: string | null }
  return {
    url,
    key: adminKey ?? options.key ?? '',
    folder,
    process: child,
    command: (...args) => runCommand([...args, '--data', folder], environment),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGTERM')
        await ended
      }
      if (!options.folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function runCommand(args: string[], environment: NodeJS.ProcessEnv = process.env) {
  return new Promise<{ code: number; output: string; errors: string }>((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { env: environment })
    let [output, errors] = ['', '']
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    child.once('exit', (code) => resolve({ code: code ?? -1, output, errors }))
  })
}
