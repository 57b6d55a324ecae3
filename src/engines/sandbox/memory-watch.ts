/**
 * Ends a process that takes more memory than it may, with a reason that can be told. Counted is what a
 * process wrote itself, without the model file that it has mapped, over the process and those below it.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const intervalMs = 500

/** Calls `exceeded` once, when the process takes more than the limit; returns how to stop watching. */
export function watchMemory(pid: number, limitBytes: number, exceeded: () => void): () => void {
  let stopped = false
  const look = async () => {
    const bytes = await memoryBytesOf(pid)
    if (stopped) return
    if (bytes > limitBytes) exceeded()
    else timer = setTimeout(look, intervalMs).unref()
  }
  let timer = setTimeout(look, intervalMs).unref()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

async function memoryBytesOf(pid: number): Promise<number> {
  return process.platform === 'linux' ? linuxBytes(pid) : residentBytes(pid)
}

function linuxBytes(pid: number): number {
  const status = seen('', () => readFileSync(`/proc/${pid}/status`, 'latin1'))
  const kilobytes = [...status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+)/gm)].map((line) => +line[1]!)
  // Each thread has the children that it started itself.
  const children = seen([], () => readdirSync(`/proc/${pid}/task`)).flatMap((task) =>
    seen('', () => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1')).split(' '),
  )
  const below = children.filter(Boolean).map((child) => linuxBytes(+child))
  return kilobytes.reduce((sum, one) => sum + one * 1024, 0) + below.reduce((a, b) => a + b, 0)
}

/**
 * It, or a thread, has ended meanwhile, or the kernel does not list children: what cannot be seen is not
 * counted, and only that, or threads that come and go would hide the rest.
 */
function seen<T>(nothing: T, look: () => T): T {
  try {
    return look()
  } catch {
    return nothing
  }
}

/** Everything resident, a mapped file's pages too: other systems do not tell them apart. */
async function residentBytes(pid: number): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)('/bin/ps', ['-o', 'rss=', '-p', String(pid)])
    return Number(stdout) * 1024
  } catch {
    // It has ended meanwhile.
    return 0
  }
}
