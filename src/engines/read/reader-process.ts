/** The parent's side of one reading process: one task at a time, with a time limit. */
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors.ts'
import { type Channel, channelTo } from '../sandbox/channel.ts'
import { pipeOf, startEngineProcess } from '../sandbox/process.ts'
import type { FromReader, ToReader } from './messages.ts'

const childPath = fileURLToPath(new URL('./child.ts', import.meta.url))
const stderrTailLength = 2000
/** Pages of 50 million pixels take a third of it. */
const memoryBytes = 3 * 2 ** 30

const unreadable = (what: string) =>
  new AppError('unreadable_file', `Reading the document ${what} and was given up.`)

export class ReaderProcess {
  readonly #child: ChildProcess
  readonly #channel: Channel<ToReader>
  #task: { resolve(reply: FromReader): void; reject(error: AppError): void } | undefined
  #stderr = ''
  #ending: AppError | undefined
  alive = true
  /** The document whose bytes the process holds. */
  documentId: number | undefined
  /** Work done so far, in the pool's units; processes are replaced because WebAssembly memory only grows. */
  workDone = 0

  constructor(readable: readonly string[], onExit: () => void) {
    this.#child = startEngineProcess({
      path: childPath,
      nodeFlags: ['--max-old-space-size=1024'],
      // Tesseract's threads fight each other; one process per core is faster.
      environment: { OMP_THREAD_LIMIT: '1' },
      readable,
      memoryBytes,
      onMemoryExceeded: () => this.end(unreadable(`needed more than ${memoryBytes / 2 ** 30} GB`)),
      stderr: 'pipe',
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrTailLength)
    })
    this.#channel = channelTo<FromReader, ToReader>(pipeOf(this.#child), {
      message: (message) => {
        const task = this.#task
        this.#task = undefined
        task?.resolve(message)
      },
      broken: (error) => this.end(this.#crash(`sent what is no message: ${error.message}`)),
    })
    const gone = (what: string) => {
      if (!this.alive) return
      this.alive = false
      this.#task?.reject(this.#ending ?? this.#crash(what))
      this.#task = undefined
      onExit()
    }
    this.#child.on('error', (error) => gone(`could not be started: ${error.message}`))
    this.#child.on('exit', (code, signal) => gone(`ended (${signal ?? `exit code ${code}`})`))
  }

  /** Whether it can be given a task: one that is being ended lives on for a moment. */
  get usable(): boolean {
    return this.alive && !this.#ending
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  async perform(message: ToReader, timeoutSeconds: number): Promise<FromReader> {
    const { promise, resolve, reject } = Promise.withResolvers<FromReader>()
    this.#task = { resolve, reject }
    this.documentId = message.document
    const timer = setTimeout(() => {
      this.end(
        new AppError(
          'unreadable_file',
          `Reading ${message.task.type === 'page' ? `page ${message.task.index + 1}` : 'the document'} took longer than ${timeoutSeconds} s and was given up.`,
        ),
      )
    }, timeoutSeconds * 1000)
    this.#channel.send(message)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends the process; the task it works on fails with the error. */
  end(error: AppError): void {
    this.#ending ??= error
    this.#child.kill('SIGKILL')
  }

  #crash(what: string): AppError {
    return new AppError('engine_crashed', `The process reading the document ${what}.`, {
      cause: new Error(this.#stderr || 'nothing on stderr'),
    })
  }
}
