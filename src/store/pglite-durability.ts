/**
 * Makes what PGlite commits survive a power cut. As it comes, PGlite runs PostgreSQL with `fsync` off
 * and its file system has no sync operation, so that a commit reaches the operating system but not
 * the disk. Here fsync is on, and the sync operation is the host's.
 */
import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { isLogSegment, logSettings, type WriteAheadLog } from './pglite-log.ts'

/** Start parameters, besides PGlite's own. */
export function durableStart(defaults: readonly string[]): string[] {
  // -F turns fsync off.
  const kept = defaults.filter((one) => one !== '-F')
  const settings = [
    'fsync=on',
    // fdatasync never leaves Emscripten; fsync reaches the file system's own operation.
    'wal_sync_method=fsync',
    // Memory that WebAssembly has once touched it keeps; the system's page cache does as well.
    'shared_buffers=32MB',
    ...logSettings,
    // WebAssembly has no just-in-time compiler.
    'jit=off',
  ]
  return [...kept, ...settings.flatMap((setting) => ['-c', setting])]
}

/** The parts of Emscripten's file system that are used here; PGlite does not type them. */
interface HostFileSystem {
  ErrnoError: new (code: number) => Error
  filesystems: {
    NODEFS: {
      stream_ops: { fsync?: (stream: OpenFile) => number }
      realPath(node: unknown): string
      convertNodeCode(error: unknown): number
    }
  }
}

interface OpenFile {
  /** Descriptor of the host; absent for folders. */
  nfd?: number
  node: unknown
}

export function makeDurable(db: PGlite, log: WriteAheadLog): void {
  const { FS } = db.Module as unknown as { FS: HostFileSystem }
  const { NODEFS } = FS.filesystems
  NODEFS.stream_ops.fsync = (file) => {
    try {
      const path = NODEFS.realPath(file.node)
      if (file.nfd === undefined) syncFolder(path)
      else if (isLogSegment(path)) {
        // As PostgreSQL does by itself on Linux: its length stays, and its time of change says nothing.
        fdatasyncSync(file.nfd)
        log.written(path)
      } else fsyncSync(file.nfd)
      return 0
    } catch (error) {
      throw new FS.ErrnoError(NODEFS.convertNodeCode(error))
    }
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
