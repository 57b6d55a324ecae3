/** Resident memory of a process and all that it started, from /proc. */
import { readdirSync, readFileSync } from 'node:fs'

function field(pid: number, name: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  } catch {
    // It ended between being listed and being read.
    return 0
  }
}

/** Megabytes. */
export function residentMegabytes(pid: number): number {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger)
  const parents = new Map(all.map((one) => [one, field(one, 'PPid')]))
  const isOurs = (one: number): boolean => {
    for (let at: number | undefined = one; at; at = parents.get(at)) if (at === pid) return true
    return false
  }
  return all.filter(isOurs).reduce((sum, one) => sum + field(one, 'VmRSS'), 0) / 1024
}
