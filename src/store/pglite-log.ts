/**
 * What PostgreSQL's background processes do for the write-ahead log, and PGlite, which has none, leaves
 * undone. Without checkpoints the log grows for as long as the program runs, and a start after a kill
 * replays all of it. And a commit that meets the end of a segment waits until the next is made; on a
 * segment whose blocks are not allocated yet every commit also waits for the file system's own journal,
 * whose slowest one in a thousand took five times as long.
 */
import { link, open, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Segments since the last checkpoint that make one worth while: when nobody asks anything, and in any case. */
const checkpointAfter = { quiet: 2, busy: 8 }

/** Settings that go with it: what a checkpoint frees becomes segments to come, allocated already. */
export const logSettings = [
  'min_wal_size=64MB',
  'max_wal_size=128MB',
  // Should PostgreSQL have to make a segment itself, it makes it long and does not fill it with 16 MB of
  // zeros: that added about 30 ms to the commit that met its end.
  'wal_init_zero=off',
]

/** PostgreSQL removes files of this name after a kill. */
export const unfinishedName = 'xlogtemp.next'
const zeros = Buffer.alloc(2 ** 18)
const pieceMs = 10

export interface WriteAheadLog {
  /** A segment is being written to. */
  written(path: string): void
  checkpointIsDue(quiet: boolean): boolean
  checkpointDone(): void
  /** Resolves when nothing is being prepared any more. */
  close(): Promise<void>
}

export function isLogSegment(path: string): boolean {
  return /\/pg_wal\/[0-9A-F]{24}$/.test(path)
}

export function createWriteAheadLog(): WriteAheadLog {
  let current = ''
  let filled = 0
  let preparing: Promise<void> | null = null
  let closed = false

  async function prepare(): Promise<void> {
    for (let done = ''; done !== current && !closed; ) {
      done = current
      // What cannot be made ahead, as on a full disk, PostgreSQL makes or refuses when it comes there.
      await prepareNext(done, () => closed).catch(() => {})
    }
    preparing = null
  }

  return {
    written(path) {
      if (path === current) return
      if (current !== '') filled += 1
      current = path
      preparing ??= prepare()
    },
    checkpointIsDue: (quiet) => filled >= (quiet ? checkpointAfter.quiet : checkpointAfter.busy),
    checkpointDone() {
      filled = 0
    },
    async close() {
      closed = true
      await preparing
    },
  }
}

/** Makes the segment after `path`, unless there is one. */
async function prepareNext(path: string, stopped: () => boolean): Promise<void> {
  const folder = dirname(path)
  const { size } = await stat(path)
  const next = join(folder, nextSegment(basename(path), size))
  if (await exists(next)) return
  const unfinished = join(folder, unfinishedName)
  const file = await open(unfinished, 'w', 0o600)
  try {
    for (let written = 0; written < size && !stopped(); written += zeros.length) {
      await file.write(zeros)
      // A little at a time, with pauses: the commits beside it wait for the same disk.
      await file.datasync()
      await sleep(pieceMs)
    }
    // In one step and only if PostgreSQL has not come there before us.
    if (!stopped()) await link(unfinished, next)
  } finally {
    await file.close()
    await rm(unfinished, { force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * A segment's name is three numbers of eight hexadecimal digits: timeline, and place in the log as a high
 * part of 4 GB each and the segment within it.
 */
export function nextSegment(name: string, segmentBytes: number): string {
  const perHigh = 2 ** 32 / segmentBytes
  const high = Number.parseInt(name.slice(8, 16), 16)
  const place = high * perHigh + Number.parseInt(name.slice(16), 16) + 1
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, '0')
  return name.slice(0, 8) + hex(Math.floor(place / perHigh)) + hex(place % perHigh)
}
