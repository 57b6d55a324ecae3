/**
 * Processes with onnxruntime sessions. A model is loaded in the process that runs it; a request
 * goes to an idle process that has the model before one that must load it. All sessions together
 * stay within a memory budget: those idle longest are released first.
 *
 * Processes, not worker threads: onnxruntime cannot be interrupted, and ending a thread inside
 * its native code aborts the whole server ("terminate called after throwing an instance of
 * 'Napi::Error'", seen with onnxruntime-node 1.30). A process can be killed at any moment.
 */
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors.ts'
import { type Channel, channelTo } from '../sandbox/channel.ts'
import { pipeOf, startEngineProcess } from '../sandbox/process.ts'
import type { Ask, FromChild, ToChild } from './messages.ts'

export interface ProcessPoolOptions {
  processes: number
  intraOpThreads: number
  memoryBudgetBytes: number
  /** Where models lie: the processes see nothing else. */
  modelFolder: string
  runSeconds: number
}

export interface PoolTask {
  hash: string
  name: string
  /** Paths by role. */
  files: Record<string, string>
  memoryBytes: number
  ask: Ask
  signal: AbortSignal
  started(): void
}

interface Waiting extends PoolTask {
  resolve(reply: FromChild): void
  reject(error: AppError): void
}

interface Member {
  child: ChildProcess
  channel: Channel<ToChild>
  task: Waiting | null
  /** Memory and last use by model hash. */
  sessions: Map<string, { memoryBytes: number; lastUsedAt: number }>
}

const childPath = fileURLToPath(new URL('./child.ts', import.meta.url))
/** A cancelled run has this long to end by itself before its process, and its sessions, go. */
const graceMs = 150
const waitingMax = 10_000
/** What runs may take beside the sessions. */
const activationBytes = 2 * 2 ** 30

export class ProcessPool {
  readonly #options: ProcessPoolOptions
  readonly #members = new Set<Member>()
  readonly #waiting = new Set<Waiting>()
  #closed = false

  constructor(options: ProcessPoolOptions) {
    this.#options = options
  }

  run(task: PoolTask): Promise<FromChild> {
    if (this.#closed) throw new AppError('unavailable', 'The server is shutting down.')
    if (task.memoryBytes > this.#options.memoryBudgetBytes) {
      const needs = `${Math.ceil(task.memoryBytes / 1e6)} MB`
      const budget = `${Math.floor(this.#options.memoryBudgetBytes / 1e6)} MB`
      throw new AppError(
        'model_unavailable',
        `Model "${task.name}" needs ${needs} and the memory budget is ${budget}.`,
      )
    }
    if (this.#waiting.size >= waitingMax) {
      throw new AppError('overloaded', 'Too many requests wait for this engine.', {
        retryAfterSeconds: 5,
      })
    }
    const { promise, resolve, reject } = Promise.withResolvers<FromChild>()
    const waiting: Waiting = { ...task, resolve, reject }
    const abort = () => this.#abort(waiting)
    if (task.signal.aborted) throw cancelled()
    task.signal.addEventListener('abort', abort, { once: true })
    this.#waiting.add(waiting)
    this.#dispatch()
    return promise.finally(() => task.signal.removeEventListener('abort', abort))
  }

  /** Loaded sessions; one model may be loaded in several processes. */
  sessions(): { hash: string; memoryBytes: number; lastUsedAt: number; active: boolean }[] {
    return [...this.#members].flatMap(({ sessions, task }) =>
      [...sessions].map(([hash, session]) => ({ hash, ...session, active: task?.hash === hash })),
    )
  }

  /** Process ids; tests end one to see what happens. */
  get pids(): number[] {
    return [...this.#members].map(({ child }) => child.pid ?? 0)
  }

  /** Releases a model where it is idle; false when a process still runs it. */
  release(hash: string): boolean {
    let idle = true
    for (const member of this.#members) {
      if (member.task?.hash === hash) idle = false
      else this.#releaseFrom(member, hash)
    }
    return idle
  }

  close(): void {
    this.#closed = true
    const error = new AppError('unavailable', 'The server is shutting down.')
    for (const task of this.#waiting) task.reject(error)
    this.#waiting.clear()
    for (const member of [...this.#members]) this.#discard(member, error)
  }

  #abort(task: Waiting): void {
    this.#waiting.delete(task)
    task.reject(cancelled())
    const member = [...this.#members].find((candidate) => candidate.task === task)
    if (!member) return
    const timer = setTimeout(() => {
      if (member.task === task) this.#discard(member, cancelled())
    }, graceMs)
    timer.unref()
  }

  #dispatch(): void {
    for (const task of this.#waiting) {
      const member = this.#idleFor(task.hash) ?? this.#start()
      if (!member) return
      if (!this.#makeRoom(member, task)) return
      this.#waiting.delete(task)
      this.#serve(member, task)
    }
  }

  #idleFor(hash: string): Member | null {
    let any: Member | null = null
    for (const member of this.#members) {
      if (member.task) continue
      if (member.sessions.has(hash)) return member
      any ??= member
    }
    return any
  }

  #start(): Member | null {
    if (this.#members.size >= this.#options.processes) return null
    const memoryBytes = this.#options.memoryBudgetBytes + activationBytes
    const child = startEngineProcess({
      path: childPath,
      args: [String(this.#options.intraOpThreads)],
      readable: [this.#options.modelFolder],
      memoryBytes,
      onMemoryExceeded: () => this.#discard(member, memoryExceeded(member, memoryBytes)),
      stderr: 'ignore',
      // Else onnxruntime looks for mobile.events.data.microsoft.com and keeps a device id in ~/.cache.
      environment: { ORT_DISABLE_TELEMETRY: '1' },
    })
    const channel = channelTo<FromChild, ToChild>(pipeOf(child), {
      message: (reply) => this.#finished(member, reply),
      broken: (cause) => this.#discard(member, crash(cause)),
    })
    const member: Member = { child, channel, task: null, sessions: new Map() }
    child.on('error', (cause) => this.#discard(member, crash(cause)))
    child.on('exit', (code, signal) => {
      this.#discard(member, crash(new Error(`exit code ${code}, signal ${signal}`)))
    })
    // An idle process must not keep the server from ending.
    child.unref()
    channel.unref()
    this.#members.add(member)
    return member
  }

  /** Releases idle sessions until the task's model fits; false when running ones hold the room. */
  #makeRoom(member: Member, task: Waiting): boolean {
    if (member.sessions.has(task.hash)) return true
    const used = () => this.sessions().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)
    while (used() + task.memoryBytes > this.#options.memoryBudgetBytes) {
      const idle = [...this.#members].flatMap((holder) =>
        [...holder.sessions]
          .filter(([hash]) => holder.task?.hash !== hash)
          .map(([hash, { lastUsedAt }]) => ({ holder, hash, lastUsedAt })),
      )
      const oldest = idle.sort((a, b) => a.lastUsedAt - b.lastUsedAt)[0]
      if (!oldest) return false
      this.#releaseFrom(oldest.holder, oldest.hash)
    }
    return true
  }

  #releaseFrom(member: Member, hash: string): void {
    if (!member.sessions.delete(hash)) return
    member.channel.send({ type: 'release', hash })
  }

  #serve(member: Member, task: Waiting): void {
    const { hash, files, ask, memoryBytes } = task
    member.task = task
    member.channel.ref()
    member.sessions.set(hash, { memoryBytes, lastUsedAt: Date.now() })
    task.started()
    member.channel.send({ type: 'run', hash, files, ask })
    const { runSeconds } = this.#options
    const timer = setTimeout(() => {
      if (member.task !== task) return
      const message = `Model "${task.name}" did not answer within ${runSeconds} s.`
      this.#discard(member, new AppError('timeout', message))
    }, runSeconds * 1000)
    timer.unref()
  }

  #finished(member: Member, reply: FromChild): void {
    const { task } = member
    member.task = null
    member.channel.unref()
    if (task && reply.type === 'load-failed') member.sessions.delete(task.hash)
    task?.resolve(reply)
    this.#dispatch()
  }

  /** Ends a process; the task it works on fails with the error. */
  #discard(member: Member, error: AppError): void {
    if (!this.#members.delete(member)) return
    member.task?.reject(error)
    member.child.kill('SIGKILL')
    if (!this.#closed) this.#dispatch()
  }
}

const cancelled = () => new AppError('cancelled', 'The request was cancelled.')
const memoryExceeded = ({ task }: Member, bytes: number) =>
  new AppError(
    'engine_crashed',
    `Model "${task?.name}" took more than ${(bytes / 1e9).toFixed(1)} GB of memory and was ended.`,
  )
const crash = (cause: unknown) =>
  new AppError('engine_crashed', 'The process running the model ended. Send the request again.', {
    cause,
  })
