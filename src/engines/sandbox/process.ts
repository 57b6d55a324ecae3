/**
 * Starts an engine's process: no secret in its environment, limits on what it may take, and kept apart
 * from everything else as far as this machine can (see `isolation.ts`). Parsers of hostile files run only
 * in processes started here.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { bubblewrapArguments, programPaths } from './bubblewrap.ts'
import { closeInherited } from './inherited.ts'
import { type Isolation, isolation, systemProgram, unshareArguments } from './isolation.ts'
import { watchMemory } from './memory-watch.ts'
import { seccompFilter } from './seccomp.ts'

export interface EngineProcess {
  /** The file it runs, and the arguments it gets. */
  path: string
  args?: string[]
  nodeFlags?: string[]
  environment?: Record<string, string>
  /** Files and folders it may read beside the program. */
  readable: readonly string[]
  /** Memory it may take for itself: what it maps of a model file does not count. */
  memoryBytes: number
  /** Called when it takes more; the caller ends it. */
  onMemoryExceeded(): void
  /** What it says there; unread, it would block. */
  stderr: 'pipe' | 'ignore'
  /** It gets the devices of graphics cards, whose drivers reserve address space without measure. */
  gpu?: boolean
  /** node-llama-cpp tries its binary in a process of its own before it loads it, past Node's permissions. */
  mayFork?: boolean
}

/**
 * Without Maglev, because its compiling threads may wait for a garbage collection that a process that is
 * ending never runs: it would hang, a model in its memory (nodejs/node#54918). With a small young generation:
 * these processes make few objects, and V8's own default lets the heap grow by 60 MB a process, over the
 * first ten thousand calls, before it collects.
 */
const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  '--no-maglev',
  '--max-semi-space-size=2',
]

/** Writable address space beyond the memory that counts: V8's and WebAssembly's reserves, two stacks a core. */
const reservedBytes = 2 * 2 ** 30 + availableParallelism() * 16 * 2 ** 20
const openFilesMax = 512

/** The pipe to a process that was started here; a socket, by how Node makes it. */
export const pipeOf = (child: ChildProcess) => child.stdio[3] as Socket

export function startEngineProcess(
  options: EngineProcess,
  way: Isolation = isolation(),
): ChildProcess {
  const { path, args = [], environment = {}, memoryBytes, mayFork = false } = options
  const filter = way === 'bubblewrap' ? seccompFilter({ mayFork }) : null
  const [program, ...before] = [
    ...limited(options),
    ...isolated(way, options, filter !== null),
    ...[process.execPath, ...nodeFlags, ...(options.nodeFlags ?? [])],
    ...(mayFork ? [] : permissions(options.readable)),
  ]
  closeInherited()
  const child = spawn(program!, [...before, path, ...args], {
    env: environment,
    // The last one is its channel: see `channel.ts`.
    stdio: ['pipe', 'ignore', options.stderr, 'pipe'],
  })
  // A process that ends before it has read its filter never ran what the filter is for.
  child.stdin!.on('error', () => {}).end(filter ?? '')
  if (child.pid !== undefined) {
    const stop = watchMemory(child.pid, memoryBytes, options.onMemoryExceeded)
    child.once('exit', stop)
  }
  return child
}

/**
 * A shell that sets the limits and becomes the command. No core dumps, which would hold customers' text; no
 * files; and an end to the address space it can write to, which ends even what grows faster than the parent
 * looks. Processor time is not limited: a model may run for weeks, and every task has its own time limit.
 */
function limited({ gpu, memoryBytes }: EngineProcess): string[] {
  const limits = [
    'ulimit -c 0',
    `ulimit -n ${openFilesMax}`,
    // Drivers keep files of shared memory.
    ...(gpu ? [] : ['ulimit -f 0', `ulimit -d ${Math.ceil((memoryBytes + reservedBytes) / 1024)}`]),
  ]
  // One that is stricter already cannot be set, and need not be.
  const script = limits.map((limit) => `${limit} 2>/dev/null; `).join('')
  return ['/bin/sh', '-c', `${script}exec "$@"`, 'sh']
}

function isolated(
  way: Isolation,
  { readable, gpu = false }: EngineProcess,
  filtered: boolean,
): string[] {
  switch (way) {
    case 'bubblewrap':
      return [systemProgram('bwrap')!, ...bubblewrapArguments({ readable, gpu, filtered })]
    case 'unshare':
      return [systemProgram('unshare')!, ...unshareArguments]
    case 'none':
      return []
  }
}

/** Node's own permissions hold JavaScript and WebAssembly on every system, though not native code. */
function permissions(readable: readonly string[]): string[] {
  return [
    ...['--permission', '--allow-addons', '--allow-worker', '--disable-warning=SecurityWarning'],
    ...[...programPaths, ...readable].map((path) => `--allow-fs-read=${path}`),
  ]
}
