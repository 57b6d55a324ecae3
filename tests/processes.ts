/** The processes below a process, as Linux tells them in /proc; empty where there is none. */
import { readdirSync, readFileSync } from 'node:fs'

/** Children of all threads of a process. */
function childrenOf(pid: number): number[] {
  return tasksOf(pid).flatMap((task) =>
    readProc(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  )
}

/** All processes below one. */
export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}

/**
 * Processes below one whose command line holds the given text, such as `engines/llama/child`. A sandbox
 * around a process has it in its own command line too: the innermost is meant.
 */
export function childrenNamed(pid: number, text: string): number[] {
  return childrenOf(pid).flatMap((child) => {
    if (!readProc(`/proc/${child}/cmdline`).includes(text)) return []
    const inner = childrenNamed(child, text)
    return inner.length > 0 ? inner : [child]
  })
}

export const llamaChild = 'engines/llama/child'
export const readerChild = 'engines/read/child'

/** Kills a process as a power cut would; whether it was still there. */
export function killAtOnce(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch (error) {
    return gone(error, [])
  }
}

/** Processes end while they are looked at. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return gone(error, '')
  }
}

function gone<T>(error: unknown, nothing: T): T {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ESRCH') return nothing
  throw error
}
