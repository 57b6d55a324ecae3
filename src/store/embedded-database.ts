/** PGlite on a thread of its own: started, watched, and started again when it ended by itself. */
import { existsSync, mkdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { MessageChannel, Worker } from 'node:worker_threads'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { ToDatabase } from './pglite-worker.ts'
import { ThreadStream } from './thread-stream.ts'

export interface EmbeddedDatabase {
  /** A connection, for node-postgres. */
  stream(): Duplex
  /** Copies the folder as it is between two transactions; nobody is served meanwhile. */
  copyTo(folder: string): Promise<void>
  close(): Promise<void>
}

/** A thread that ended by itself is not started again before this time, or it would spin. */
const restartPauseMs = 1_000

/** On a full disk a start fails, most likely, and costs as much as one that does not. */
const fullDiskPauseMs = 4_000

/** Below this much free space a database that does not start has most likely found no room for its log. */
const roomBytes = 32 * 2 ** 20

export interface EmbeddedOptions {
  folder: string
  log: Log
  /** How long a query waits for another connection's transaction before it is refused. */
  patienceMs?: number
}

export async function openEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { folder, log, patienceMs = 15_000 } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Making a new database takes much memory; a thread that ends gives it back.
  if (!existsSync(join(folder, 'PG_VERSION')))
    await stopThread(await startThread(folder, patienceMs))
  let closed = false
  /** What the last start failed with, until one succeeds; whoever asks meanwhile is told at once. */
  let failure: { cause: unknown } | null = null
  let thread: Promise<Worker> = launch()
  await thread

  function launch(): Promise<Worker> {
    const starting = startThread(folder, patienceMs)
    starting.then(
      (worker) => {
        failure = null
        worker.unref()
        worker.once('exit', (code) => {
          if (closed) return
          log.error({ code }, 'the database thread ended; it is started again')
          if (isFull(folder)) failure = { cause: new Error('its thread ended on a full disk') }
          relaunch()
        })
      },
      (error) => {
        if (closed) return
        log.error({ err: error }, 'the database thread did not start')
        failure = { cause: error }
        relaunch()
      },
    )
    return starting
  }

  function relaunch(): void {
    thread = new Promise((resolve, reject) => {
      setTimeout(
        () => {
          if (closed) return reject(new AppError('unavailable', 'The server is shutting down.'))
          launch().then(resolve, reject)
        },
        isFull(folder) ? fullDiskPauseMs : restartPauseMs,
      )
    })
    // Nobody may be asking for a connection while it starts; whoever does later sees the failure.
    thread.catch(() => {})
  }

  async function openPort() {
    if (failure) throw notRunning(folder, failure.cause)
    const worker = await thread.catch((cause) => {
      throw notRunning(folder, cause)
    })
    const { port1, port2 } = new MessageChannel()
    // Ports do not close when the thread at their other end dies: it is told here.
    const closePort = () => port1.close()
    worker.once('exit', closePort)
    port1.once('close', () => worker.off('exit', closePort))
    worker.postMessage({ connect: port2 } satisfies ToDatabase, [port2])
    return port1
  }

  return {
    stream: () => new ThreadStream(openPort),
    async copyTo(target) {
      const worker = await thread
      const { port1, port2 } = new MessageChannel()
      const copied = new Promise<string | null>((resolve) => {
        port1.once('message', resolve)
        port1.once('close', () => resolve('the database thread ended'))
      })
      worker.once('exit', () => port1.close())
      worker.postMessage({ copyTo: target, answer: port2 } satisfies ToDatabase, [port2])
      const failure = await copied
      port1.close()
      if (failure !== null) {
        throw new AppError('unavailable', `The database could not be copied: ${failure}.`)
      }
    },
    async close() {
      closed = true
      await thread.then(stopThread, () => {})
    },
  }
}

function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize < roomBytes
}

/** What callers are told while the database is away; the reason is in the log, and for operators. */
function notRunning(folder: string, cause: unknown): AppError {
  const full = isFull(folder)
  const message = full
    ? 'The disk that holds the database is full. Free some space: the database then starts again by itself.'
    : 'The database has ended and does not start again; it is tried every second. The log has the details.'
  return new AppError(full ? 'storage_full' : 'unavailable', message, {
    cause,
    retryAfterSeconds: 5,
  })
}

/** Resolves when the database is open, made first if needed. */
async function startThread(folder: string, patienceMs: number): Promise<Worker> {
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), {
    workerData: { folder, patienceMs },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  await new Promise<void>((ready, failed) => {
    const fail = (reason: string) =>
      failed(
        new AppError(
          'unavailable',
          isFull(folder)
            ? `The embedded database in ${folder} did not open: ${reason}. The disk is full: free some space and start again.`
            : `The embedded database in ${folder} did not open: ${reason}. Restore a backup, or point --data to another folder.`,
        ),
      )
    worker.once('message', (message: { ready?: true; error?: string }) => {
      if (message.ready) ready()
      else fail(message.error ?? 'no reason was given')
    })
    worker.once('error', (error) => fail(error.message))
    worker.once('exit', (code) => fail(`its thread ended with ${code}`))
  })
  return worker
}

async function stopThread(worker: Worker): Promise<void> {
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  worker.ref()
  worker.postMessage('close' satisfies ToDatabase)
  await ended
}
