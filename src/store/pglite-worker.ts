/**
 * The thread the embedded database lives on; PGlite runs its queries synchronously. Connections are
 * message ports that carry PostgreSQL's protocol: each message is a whole group of protocol messages
 * (the client writes a query as one), and the answer goes back as one.
 *
 * PGlite has one session. It serves whoever came first, and stays with a connection until its
 * transaction is over; what the others sent waits that long.
 */
import { cpSync } from 'node:fs'
import { basename } from 'node:path'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { PGlite, protocol } from '@electric-sql/pglite'
import { durableStart, makeDurable } from './pglite-durability.ts'
import { createWriteAheadLog, unfinishedName } from './pglite-log.ts'
import {
  endOfSession,
  endsTransaction,
  errorAnswer,
  errorIn,
  isTerminate,
} from './postgres-protocol.ts'

/** So long without a question is a moment for what nobody should wait for. */
const quietMs = 250

const { folder, patienceMs } = workerData as { folder: string; patienceMs: number }
const parent = parentPort!

/** What the parent sends: a new connection, the wish for a copy of the folder, the order to end. */
export type ToDatabase =
  | { connect: MessagePort }
  /** Answered with null, or with why it failed. */
  | { copyTo: string; answer: MessagePort }
  | 'close'

interface Waiting {
  port: MessagePort
  bytes: Uint8Array
  since: number
}

let db: PGlite
const log = createWriteAheadLog()
const waiting: Waiting[] = []
const copies: Extract<ToDatabase, { copyTo: string }>[] = []
/** The connection whose transaction is open. */
let owner: MessagePort | null = null
let working = false
/** When the last message was served. */
let servedAt = 0
let closing = false

/**
 * PGlite's own way to a whole answer, execProtocolRaw, also parses it and keeps what it parsed for ever
 * (0.5.14): some 4 MB a minute at a hundred calls a second. As a stream it does neither.
 */
async function query(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  await db.execProtocolRawStream(bytes, { onRawData: (chunk) => chunks.push(chunk.slice()) })
  const answer = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let filled = 0
  for (const chunk of chunks) {
    answer.set(chunk, filled)
    filled += chunk.length
  }
  return answer
}

/** A statement of this thread's own. PGlite's exec does not work once answers were streamed. */
async function run(statement: string): Promise<void> {
  const failure = errorIn(await query(protocol.serialize.query(statement)))
  if (failure) throw new Error(failure)
}

async function work(): Promise<void> {
  if (working) return
  working = true
  try {
    for (let next = takeNext(); next; next = takeNext()) {
      const answer = await query(next.bytes)
      owner = endsTransaction(answer) ? null : next.port
      const ended = endOfSession(answer)
      next.port.postMessage(answer, [answer.buffer])
      servedAt = performance.now()
      if (ended) return crash(new Error(ended))
      if (!owner) await betweenTransactions()
    }
    if (!owner) await betweenTransactions()
    if (closing && !owner) await end()
  } catch (error) {
    crash(error)
  } finally {
    working = false
  }
}

/** What is served next: the oldest message, or the owner's while a transaction is open. */
function takeNext(): Waiting | undefined {
  if (!owner) return waiting.shift()
  const index = waiting.findIndex(({ port }) => port === owner)
  return index < 0 ? undefined : waiting.splice(index, 1)[0]
}

function serve(port: MessagePort): void {
  port.on('message', (bytes: Uint8Array) => {
    if (isTerminate(bytes)) return
    waiting.push({ port, bytes, since: performance.now() })
    void work()
  })
  port.on('close', () => {
    for (let index = waiting.length - 1; index >= 0; index--) {
      if (waiting[index]!.port === port) waiting.splice(index, 1)
    }
    if (owner !== port) return
    owner = null
    void run('rollback').then(work, crash)
  })
}

/**
 * Whoever uses the outer handle inside a transaction waits for itself; whoever meets a transaction
 * that never ends waits for ever. Both are told instead.
 */
function refuseImpatient(): void {
  const now = performance.now()
  while (owner && waiting[0] && now - waiting[0].since > patienceMs) {
    const { port } = waiting.shift()!
    const seconds = Math.round(patienceMs / 1000)
    const message = `another transaction has held the embedded database for ${seconds} s`
    port.postMessage(errorAnswer('55P03', message))
  }
}

async function betweenTransactions(): Promise<void> {
  const quiet = performance.now() - servedAt > quietMs
  if (log.checkpointIsDue(quiet)) await checkpoint()
  await copyFolder()
}

async function checkpoint(): Promise<void> {
  await run('checkpoint')
  log.checkpointDone()
}

/** Between transactions and after a checkpoint the files are a database by themselves. */
async function copyFolder(): Promise<void> {
  for (let copy = copies.shift(); copy; copy = copies.shift()) {
    let failure: string | null = null
    try {
      await checkpoint()
      // The rest changes only when this thread does something; what is being made ahead is nobody's yet.
      const filter = (path: string) => basename(path) !== unfinishedName
      cpSync(folder, copy.copyTo, { recursive: true, filter })
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
    }
    copy.answer.postMessage(failure)
  }
}

async function end(): Promise<void> {
  await log.close()
  await db.close()
  process.exit(0)
}

/** After an abort or a panic PGlite cannot go on. The thread ends; the parent starts another. */
function crash(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${JSON.stringify({ level: 'error', msg: `database: ${reason}` })}\n`)
  process.exit(1)
}

// Listening from the first moment keeps this thread's event loop alive while the database opens. A loop
// with nothing to wait for waits for V8's helper threads instead, and never again runs the garbage
// collection that one of those may be waiting for: nodejs/node#54918.
parent.on('message', (message: ToDatabase) => {
  if (message === 'close') closing = true
  else if ('connect' in message) return serve(message.connect)
  else copies.push(message)
  void work()
})

try {
  db = await PGlite.create(folder, { startParams: durableStart(PGlite.defaultStartParams) })
  makeDurable(db, log)
  setInterval(refuseImpatient, 1_000).unref()
  setInterval(work, quietMs).unref()
  parent.postMessage({ ready: true })
} catch (error) {
  parent.postMessage({ error: error instanceof Error ? error.message : String(error) })
  parent.close()
}
