/**
 * What keeps the engines' processes apart on this machine: the strongest of three ways that works here,
 * found by trying each once. Containers and hardened systems often refuse namespaces to those who have
 * the programs for them, so having them says nothing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { bubblewrapArguments } from './bubblewrap.ts'
import { seccompFilter } from './seccomp.ts'

export type Isolation = 'bubblewrap' | 'unshare' | 'none'

const programFolders = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin']

/** The absolute path of a program of the system; null where it is not installed. */
export function systemProgram(name: string): string | null {
  return (
    programFolders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path)) ?? null
  )
}

/** A network and message queues of its own, and no way to rights that it does not have. */
export const unshareArguments = [
  ...['--user', '--map-root-user', '--net', '--ipc', '--'],
  ...[
    'setpriv',
    '--pdeathsig=KILL',
    '--no-new-privs',
    '--bounding-set=-all',
    '--inh-caps=-all',
    '--',
  ],
]

let found: Isolation | undefined

/** Tried at the first call, which takes about a tenth of a second; then known. */
export function isolation(): Isolation {
  found ??= (['bubblewrap', 'unshare', 'none'] as const).find(worksHere)!
  return found
}

export function worksHere(way: Isolation): boolean {
  if (way === 'none') return true
  const program = systemProgram(way === 'bubblewrap' ? 'bwrap' : 'unshare')
  if (process.platform !== 'linux' || !program) return false
  const filter = seccompFilter({ mayFork: false })
  const view = { readable: [], gpu: false, filtered: filter !== null }
  const args = way === 'bubblewrap' ? bubblewrapArguments(view) : unshareArguments
  // A thread is started as well, because a filter that is wrong shows there first.
  const script = `const { Worker } = require('worker_threads'); new Worker("0", { eval: true })`
  const attempt = () =>
    spawnSync(program, [...args, process.execPath, '-e', script], {
      input: filter ?? '',
      env: {},
      timeout: 20_000,
      killSignal: 'SIGKILL',
    }).status === 0
  // A machine that is busy just now must not be taken for one that cannot.
  return attempt() || attempt()
}

/** For people: what is enforced, and what would enforce more. */
export function describeIsolation(way: Isolation): string {
  if (way === 'bubblewrap') {
    const calls = seccompFilter({ mayFork: false }) ? ', a filter of system calls' : ''
    return `namespaces (bubblewrap): no network, no other files or processes${calls}, limits`
  }
  const more =
    process.platform === 'linux'
      ? 'Install bubblewrap, and allow user namespaces, to hide files and processes from them'
      : 'Only Linux hides files, processes and the network from them'
  return way === 'unshare'
    ? `no network (unshare), limits, files by Node's permissions. ${more}`
    : `limits, and files by Node's permissions. ${more}`
}
