/**
 * The view that an engine's process gets of the machine through bubblewrap: namespaces of its own, in
 * which there is no network, no other process, and of the files only the program, the system's libraries
 * and what it is given to read. Nothing can be written.
 */
import { globSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const projectFolder = fileURLToPath(new URL('../../..', import.meta.url))
/** The program of the engines: not the folder as a whole, in which the data may lie too. */
export const programPaths = ['src', 'node_modules', 'package.json'].map(
  (name) => `${projectFolder}${name}`,
)

const libraryPaths = [
  ...['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', '/etc/ld.so.cache'],
  // How many cores there are, and which share a cache: llama.cpp and onnxruntime ask.
  '/sys/devices/system',
]
/**
 * What the drivers of graphics cards come with, and where they say what there is. Not `/opt` or `/usr/local`
 * as a whole: this program and its data may lie there.
 */
const gpuPaths = [
  ...['/sys', '/opt/rocm*', '/usr/local/cuda*', '/usr/share/vulkan', '/usr/share/glvnd'],
  ...['/usr/share/nvidia', '/etc/vulkan', '/etc/OpenCL'],
]
const gpuDevices = ['/dev/nvidia*', '/dev/dri', '/dev/kfd', '/dev/dxg']

export interface View {
  readable: readonly string[]
  gpu: boolean
  /** A filter of system calls comes on standard input. */
  filtered: boolean
}

/** Bubblewrap's own arguments; the command to run follows them. */
export function bubblewrapArguments({ readable, gpu, filtered }: View): string[] {
  const needed = [...programPaths, process.execPath, ...readable]
  return [
    // Its end is the end of what runs in it, and it ends with the thread that started it.
    ...['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...libraryPaths.flatMap((path) => ['--ro-bind-try', path, path]),
    ...(gpu ? globSync(gpuPaths).flatMap((path) => ['--ro-bind-try', path, path]) : []),
    ...withTargets(needed).flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...(gpu ? globSync(gpuDevices).flatMap((path) => ['--dev-bind', path, path]) : []),
    // Drivers share memory with each other through files below /dev.
    ...(gpu ? [] : ['--remount-ro', '/dev']),
    ...['--remount-ro', '/', '--chdir', '/'],
    ...(filtered ? ['--seccomp', '0'] : []),
    '--',
  ]
}

/** Paths, and where they lead when they are links: Node loads modules from there. */
function withTargets(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => [path, realpathSync(path)]))]
}
