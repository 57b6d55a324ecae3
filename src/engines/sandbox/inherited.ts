/**
 * Descriptors that whoever started the server left open for it. A process of an engine would be born with
 * them, and an open folder leads out of every view of files. Node opens its own so that no child gets them,
 * and shuts those it finds at its start, but only up to the first gap beyond number 15.
 */
import { closeSync, readdirSync, readFileSync } from 'node:fs'

/** `O_CLOEXEC` of Linux: the descriptor ends with the program that opened it. */
const ownOnly = 0o2000000

let closed = false

/** Closes them, at the first call. Other systems do not tell which they are. */
export function closeInherited(): void {
  if (closed || process.platform !== 'linux') return
  closed = true
  for (const descriptor of readdirSync('/proc/self/fd').map(Number)) {
    if (descriptor > 2 && isInherited(descriptor)) closeSync(descriptor)
  }
}

function isInherited(descriptor: number): boolean {
  try {
    const facts = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')
    const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(facts)![1]!, 8)
    return (flags & ownOnly) === 0
  } catch (error) {
    // The one that the folder was read with.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
