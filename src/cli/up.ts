/** `bastide up`: start the server and say where it is. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, loadConfig } from '../config.ts'
import { AppError, assert } from '../errors.ts'
import { createLog } from '../log.ts'
import { dataFolderOwner, lockDataFolder } from '../store/data-folder.ts'
import { operatorKeyFile } from './client.ts'
import { printJson, printLine } from './print.ts'

export interface UpOptions {
  port?: string
  host?: string
  data?: string
  json?: boolean
  detach?: boolean
}

export function configOf(options: UpOptions): Config {
  return loadConfig({
    ...(options.data && { dataFolder: options.data }),
    ...(options.port && { port: options.port }),
    ...(options.host && { host: options.host }),
  })
}

export async function up(options: UpOptions): Promise<void> {
  const config = configOf(options)
  if (options.detach) return startDetached(config, options)
  const lock = lockDataFolder(config.dataFolder)
  const log = createLog(config.logLevel)
  try {
    const { assembleProgram } = await import('../program.ts')
    const { startServer } = await import('../http/server.ts')
    const program = await assembleProgram(config, log)
    const server = await startServer(program)
    if (server.adminKey) writeOperatorKey(config, server.adminKey)
    lock.announce(server.url)
    announce(server, options.json === true)
    const signal = await stopSignal()
    log.info({ signal }, 'stopping')
    await server.close()
  } finally {
    lock.release()
  }
}

/** Lets the owner's command line reach the server without copying the key around. */
function writeOperatorKey(config: Config, key: string): void {
  writeFileSync(join(config.dataFolder, operatorKeyFile), `${key}\n`, { mode: 0o600 })
}

function announce(server: { url: string; adminKey: string | null }, json: boolean): void {
  if (json) return printJson({ url: server.url, adminKey: server.adminKey })
  printLine(`Bastide is ready: ${server.url}`)
  if (server.adminKey) {
    printLine(`Admin key (shown once, keep it): ${server.adminKey}`)
  }
  printLine('Stop with Ctrl-C, or "./bastide stop".')
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        // A second signal ends the process at once.
        process.once(signal, () => process.exit(130))
        resolve(signal)
      })
    }
  })
}

/** Starts the same command in the background and waits until it is ready or has failed. */
async function startDetached(config: Config, options: UpOptions): Promise<void> {
  const owner = dataFolderOwner(config.dataFolder)
  if (owner) {
    throw new AppError(
      'conflict',
      `A server is running already: process ${owner.pid}, ${owner.url}.`,
    )
  }
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 })
  const logPath = join(config.dataFolder, 'server.log')
  const logFile = openSync(logPath, 'a', 0o600)
  const args = [...process.execArgv, ...process.argv.slice(1)].filter((one) => one !== '--detach')
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'pipe', logFile],
  })
  const { stdout } = child
  assert(stdout, 'its standard output is a pipe')
  const output = await new Promise<string>((resolve, reject) => {
    let text = ''
    stdout.on('data', (chunk) => {
      text += chunk
      const complete = options.json ? text.endsWith('\n') : text.includes('Stop with')
      if (complete) resolve(text)
    })
    child.once('exit', (code) => {
      const reason = existsSync(logPath) ? ` See ${logPath}.` : ''
      reject(new AppError('unavailable', `The server did not start (exit ${code}).${reason}`))
    })
  })
  process.stdout.write(output)
  stdout.destroy()
  child.unref()
}
