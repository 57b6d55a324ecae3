/**
 * A journal on disk, in front of the embedded database: an entry is durable after one small write, while
 * the database, which runs one statement at a time, takes it over in its own time. After a kill what it had
 * not taken over is here.
 *
 * Files of fixed length, filled ahead, so that a write changes nothing but its own bytes. A file holds one
 * segment at a time; when all entries of a full one are taken over it becomes a new segment. Each record
 * carries the number of its segment and a checksum: where either is another, the segment ends.
 */
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { AppError } from '../errors.ts'
import { syncFolder } from './objects/folder.ts'

export interface Journal {
  append(entry: string): Kept
  /** What a process that ended had not taken over, oldest first; some of it may have been taken over. */
  left: readonly string[]
  /** What was left is taken over. */
  leftDone(): Promise<void>
  /** Ends it; what is not taken over stays for the next start. */
  close(): Promise<void>
}

export interface Kept {
  /** Resolves when the entry is on disk; rejects with `storage_full` or `unavailable`. */
  durable: Promise<void>
  /** The entry is taken over: it need not be kept. */
  done(): void
}

interface Segment {
  /** Counts up over all segments there ever were; 0: it holds nothing that is wanted. */
  number: number
  file: FileHandle
  sizeBytes: number
  /** Where the next record goes. */
  end: number
  /** Records not taken over. */
  open: number
}

interface Waiting {
  payload: Buffer
  segment: Segment | null
  isDone: boolean
  resolve(): void
  reject(error: unknown): void
}

const segmentBytes = 4 * 2 ** 20
/** Length, segment's number and checksum, 32 bits each. */
const headerBytes = 12

export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await readSegments(folder)
  const segments: Segment[] = []
  const full: Segment[] = []
  let current: Segment | null = null
  let lastNumber = Math.max(0, ...found.map(({ number }) => number))
  const waiting: Waiting[] = []
  let writing: Promise<void> | null = null
  let nextName = Math.max(-1, ...found.map(({ name }) => name)) + 1

  async function make(atLeastBytes: number): Promise<Segment> {
    const made = await create(folder, `${nextName++}.journal`, atLeastBytes)
    segments.push(made)
    return made
  }

  async function start(payloadBytes: number): Promise<Segment> {
    const wanted = headerBytes + payloadBytes
    const free = segments.find(({ number, sizeBytes }) => number === 0 && sizeBytes >= wanted)
    const segment = free ?? (await make(wanted))
    lastNumber += 1
    Object.assign(segment, { number: lastNumber, end: 0, open: 0 })
    return segment
  }

  /** The current segment, or the next where it has no room. */
  async function segmentFor(payloadBytes: number): Promise<Segment> {
    if (current && current.end + headerBytes + payloadBytes <= current.sizeBytes) return current
    if (current) {
      full.push(current)
      free(current)
    }
    current = null
    current = await start(payloadBytes)
    return current
  }

  /** A full segment of which everything is taken over is there for the next one. */
  function free(segment: Segment): void {
    if (segment.open > 0 || !full.includes(segment)) return
    full.splice(full.indexOf(segment), 1)
    segment.number = 0
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const group: Waiting[] = []
      try {
        const segment = await segmentFor(waiting[0]!.payload.length)
        let end = segment.end
        for (let next = waiting[0]; next; next = waiting[0]) {
          end += headerBytes + next.payload.length
          if (end > segment.sizeBytes) break
          group.push(waiting.shift()!)
        }
        await writeGroup(segment, group)
      } catch (error) {
        // One that found no segment fails alone; the others try for themselves.
        if (group.length === 0) group.push(waiting.shift()!)
        for (const one of group) one.reject(notKept(error))
      }
    }
    writing = null
  }

  async function writeGroup(segment: Segment, group: Waiting[]): Promise<void> {
    const bytes = Buffer.concat(group.flatMap(({ payload }) => record(segment.number, payload)))
    await writeWhole(segment.file, bytes, segment.end)
    segment.end += bytes.length
    for (const one of group) {
      one.segment = segment
      if (!one.isDone) segment.open += 1
      one.resolve()
    }
  }

  const journal: Journal = {
    left: found.flatMap(({ entries }) => entries),
    append(entry) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const one: Waiting = {
        payload: Buffer.from(entry),
        segment: null,
        isDone: false,
        resolve,
        reject,
      }
      waiting.push(one)
      writing ??= writeAll()
      return {
        durable: promise,
        done() {
          if (one.isDone) return
          one.isDone = true
          if (!one.segment) return
          one.segment.open -= 1
          free(one.segment)
        },
      }
    },
    async leftDone() {
      journal.left = []
      for (const { path } of found) await rm(path)
    },
    async close() {
      while (writing) await writing
      for (const segment of segments) {
        // Nothing of it is wanted: the next start need not read it.
        if (segment.number > 0 && segment.open === 0) {
          await writeWhole(segment.file, Buffer.alloc(headerBytes), 0)
        }
        await segment.file.close()
      }
    },
  }
  // The first two are made before anybody waits for them.
  await make(segmentBytes)
  await make(segmentBytes)
  return journal
}

function record(segment: number, payload: Buffer): [header: Buffer, payload: Buffer] {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32LE(payload.length, 0)
  header.writeUInt32LE(segment, 4)
  header.writeUInt32LE(crc32(payload, segment), 8)
  return [header, payload]
}

/** The entries of a segment's bytes, up to the first record that is not one of it. */
export function readRecords(bytes: Buffer): { number: number; entries: string[] } {
  const number = bytes.length >= headerBytes ? bytes.readUInt32LE(4) : 0
  const entries: string[] = []
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    const payload = bytes.subarray(at + headerBytes, at + headerBytes + length)
    const isWhole = length > 0 && payload.length === length
    if (!isWhole || number === 0 || bytes.readUInt32LE(at + 4) !== number) break
    if (crc32(payload, number) !== bytes.readUInt32LE(at + 8)) break
    entries.push(payload.toString('utf8'))
    at += headerBytes + length
  }
  return { number, entries }
}

async function readSegments(folder: string) {
  const names = (await readdir(folder)).filter((name) => /^\d+\.journal$/.test(name))
  const read = names.map(async (name) => {
    const path = join(folder, name)
    return { name: Number.parseInt(name, 10), path, ...readRecords(await readFile(path)) }
  })
  return (await Promise.all(read)).sort((a, b) => a.number - b.number)
}

/** A file of zeros, on disk, whose writes are durable when they return. */
async function create(folder: string, name: string, atLeastBytes: number): Promise<Segment> {
  const path = join(folder, name)
  const sizeBytes = Math.max(segmentBytes, atLeastBytes)
  const { O_RDWR, O_CREAT, O_TRUNC, O_DSYNC } = constants
  const file = await open(path, O_RDWR | O_CREAT | O_TRUNC | O_DSYNC, 0o600)
  try {
    await writeWhole(file, Buffer.alloc(sizeBytes), 0)
    await syncFolder(folder)
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
  return { number: 0, file, sizeBytes, end: 0, open: 0 }
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const step = await file.write(bytes, written, bytes.length - written, position + written)
    written += step.bytesWritten
  }
}

function notKept(error: unknown): AppError {
  const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
  return full
    ? new AppError('storage_full', 'The disk is full. Free space and send the request again.', {
        cause: error,
      })
    : new AppError(
        'unavailable',
        'What happened could not be written to disk. Try again shortly.',
        {
          cause: error,
          retryAfterSeconds: 2,
        },
      )
}
