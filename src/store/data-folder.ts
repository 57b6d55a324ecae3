/** The data folder belongs to one process at a time; a second one gets a clear error. */
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../errors.ts'

export interface DataFolderOwner {
  pid: number
  /** Kernel start time of the process where the system tells it, so that a reused pid is no owner. */
  startedTicks: string | null
  /** Set once the server listens. */
  url: string | null
}

export interface DataFolderLock {
  announce(url: string): void
  release(): void
}

const lockName = 'owner.json'

/** Takes the folder, creating it if needed. Throws `conflict` when a living process owns it. */
export function lockDataFolder(folder: string): DataFolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, lockName)
  const self: DataFolderOwner = {
    pid: process.pid,
    startedTicks: startedTicks(process.pid),
    url: null,
  }
  takeLock(path, self)
  const write = (owner: DataFolderOwner) => {
    const temporary = `${path}.${process.pid}`
    writeFileSync(temporary, JSON.stringify(owner), { mode: 0o600 })
    renameSync(temporary, path)
  }
  return {
    announce: (url) => write({ ...self, url }),
    release: () => rmSync(path, { force: true }),
  }
}

function takeLock(path: string, self: DataFolderOwner): void {
  const claim = `${path}.claim.${process.pid}`
  writeFileSync(claim, JSON.stringify(self), { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        // A hard link appears whole or not at all, and fails when the lock exists.
        linkSync(claim, path)
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      refuseLivingOwner(path)
      discardStaleLock(path)
    }
    throw new AppError('conflict', 'The data folder is being taken by several processes at once.')
  } finally {
    unlinkSync(claim)
  }
}

function refuseLivingOwner(path: string): void {
  const owner = readOwnerFile(path)
  if (!owner || !isAlive(owner)) return
  const where = owner.url ? ` and serves ${owner.url}` : ''
  throw new AppError(
    'conflict',
    `The data folder is owned by process ${owner.pid}${where}. Stop it with "./bastide stop", or use another --data folder.`,
  )
}

/** Moves a dead owner's lock aside; whoever finds that it moved a living one's puts it back. */
function discardStaleLock(path: string): void {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = readOwnerFile(aside)
  if (moved && isAlive(moved)) linkSync(aside, path)
  unlinkSync(aside)
}

/** The living process that owns the folder, or null. */
export function dataFolderOwner(folder: string): DataFolderOwner | null {
  const owner = readOwnerFile(join(folder, lockName))
  return owner && isAlive(owner) ? owner : null
}

function readOwnerFile(path: string): DataFolderOwner | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DataFolderOwner
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || error instanceof SyntaxError) return null
    throw error
  }
}

function isAlive(owner: DataFolderOwner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return owner.startedTicks === null || owner.startedTicks === startedTicks(owner.pid)
}

/** Field 22 of /proc/PID/stat; null where there is no /proc. */
function startedTicks(pid: number): string | null {
  try {
    statSync('/proc/self/stat')
  } catch {
    return null
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return 'gone'
  }
}
