/**
 * Downloads a file whose digest is known, in as many pieces as it takes: what has arrived stays on disk,
 * and the next attempt, also of another process, asks for the rest.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { discard, type Egress, type EgressResponse, isConnectionError } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import { refusedBy } from './fetch-json.ts'
import type { SourceFile } from './source.ts'

export interface Download {
  egress: Egress
  file: SourceFile
  authorization: string | null
  /** Where the bytes are gathered. */
  path: string
  signal: AbortSignal
  /** Called with all bytes that are there, at most a few times a second. */
  progress(doneBytes: number): Promise<void>
}

/** Attempts in a row that bring not a byte. */
const idleAttemptsMax = 4
const progressEveryMs = 500
const freeMarginBytes = 256 * 2 ** 20

/** Resolves when the whole file is on disk with its digest; `unreadable_file` when it has another one. */
export async function download(wanted: Download): Promise<void> {
  let idle = 0
  for (;;) {
    const before = await sizeOf(wanted.path)
    try {
      const sha256 = await attempt(wanted, before)
      if (sha256 === wanted.file.sha256) return
      throw new AppError(
        'unreadable_file',
        `What came from ${new URL(wanted.file.url).host} is not the file that was named: its SHA-256 is ${sha256}, not ${wanted.file.sha256}.`,
      )
    } catch (error) {
      const broken = isConnectionError(error) || (error instanceof AppError && error.mayRetry)
      if (!broken || wanted.signal.aborted) throw error
      idle = (await sizeOf(wanted.path)) > before ? 0 : idle + 1
      if (idle >= idleAttemptsMax) throw unreachable(wanted, error)
      await new Promise((resume) => setTimeout(resume, 250 * 2 ** idle))
    }
  }
}

/** One request for what is missing; returns the digest of all that is there then. */
async function attempt(wanted: Download, have: number): Promise<string> {
  const { file, path, authorization, signal, egress } = wanted
  if (file.sizeBytes !== null) await requireRoom(path, file.sizeBytes - have)
  const hash = createHash('sha256')
  if (file.sizeBytes !== null && have >= file.sizeBytes) return digestOf(path, hash)
  const answer = await egress.fetch(file.url, {
    purpose: 'model import',
    headers: {
      ...(authorization && { authorization }),
      ...(have > 0 && { range: `bytes=${have}-` }),
    },
    signal,
    silenceMaxMs: 60_000,
    followsElsewhere: true,
  })
  // There is nothing behind what is there.
  if (answer.status === 416) {
    discard(answer)
    return digestOf(path, hash)
  }
  if (!answer.ok) {
    discard(answer)
    throw refusedBy(file.url, answer.status, file.path)
  }
  const goesOn = answer.status === 206 && startOf(answer) === have
  const target = await open(path, goesOn ? 'a' : 'w', 0o600)
  try {
    if (goesOn) await addTo(hash, path)
    await append(wanted, answer, { target, hash, have: goesOn ? have : 0 })
    await target.sync()
  } finally {
    await target.close()
  }
  return hash.digest('hex')
}

async function append(
  { file, progress }: Download,
  answer: EgressResponse,
  { target, hash, have }: { target: FileHandle; hash: Hash; have: number },
): Promise<void> {
  let done = have
  let told = 0
  for await (const chunk of answer.body) {
    const bytes = chunk as Buffer
    done += bytes.length
    if (file.sizeBytes !== null && done > file.sizeBytes) {
      throw new AppError('unreadable_file', `${file.path} is longer than the source said.`)
    }
    await target.appendFile(bytes)
    hash.update(bytes)
    if (Date.now() - told < progressEveryMs) continue
    told = Date.now()
    await progress(done)
  }
  await progress(done)
  if (file.sizeBytes !== null && done < file.sizeBytes) {
    throw new AppError('upstream_failed', `${file.path} ended after ${done} bytes.`)
  }
}

function startOf(answer: EgressResponse): number {
  return Number(/^bytes (\d+)-/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? -1)
}

async function addTo(hash: Hash, path: string): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
}

async function digestOf(path: string, hash: Hash): Promise<string> {
  await addTo(hash, path)
  return hash.digest('hex')
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0
      throw error
    },
  )
}

async function requireRoom(path: string, missingBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path))
  if (bavail * bsize > missingBytes + freeMarginBytes) return
  const gigabytes = (missingBytes / 2 ** 30).toFixed(1)
  throw new AppError(
    'storage_full',
    `The disk has no room for the ${gigabytes} GB that are missing.`,
  )
}

function unreachable({ file }: Download, cause: unknown): AppError {
  const { host } = new URL(file.url)
  return new AppError(
    'unavailable',
    `${host} breaks off again and again. It is tried again later.`,
    {
      cause,
    },
  )
}
