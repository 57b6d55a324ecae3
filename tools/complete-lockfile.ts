/**
 * Completes package-lock.json with the builds of other systems. A registry mirror may carry only the
 * builds of the system it serves; npm then leaves the others out of the lockfile, and `npm ci` refuses
 * a lockfile without them. Added entries carry the version their dependent pins, and the system read
 * from the package's name; npm fills in nothing else until such a system installs them.
 *
 * Usage: npm install --package-lock-only && node tools/complete-lockfile.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface Entry {
  version?: string
  optional?: boolean
  dev?: boolean
  os?: string[]
  cpu?: string[]
  optionalDependencies?: Record<string, string>
}

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> }

const systems: [pattern: RegExp, os: string][] = [
  [/darwin|mac/, 'darwin'],
  [/win32|windows|\bwin-/, 'win32'],
  [/linux/, 'linux'],
  [/android/, 'android'],
  [/freebsd/, 'freebsd'],
  [/openharmony/, 'openharmony'],
]
const processors = ['arm64', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'arm', 'wasm32']

function systemOf(name: string): Pick<Entry, 'os' | 'cpu'> {
  const os = systems.find(([pattern]) => pattern.test(name))?.[1]
  const cpu = processors.find((processor) => name.includes(processor))
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }) }
}

let added = 0
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${place}${place ? '/' : ''}node_modules/${name}`
    const top = `node_modules/${name}`
    if (lock.packages[nested] || lock.packages[top]) continue
    const version = /\d+\.\d+\.\d+[\w.-]*/.exec(range)?.[0]
    if (!version) throw new Error(`${place} wants ${name} ${range}, which names no version`)
    lock.packages[top] = {
      version,
      ...(entry.dev && { dev: true }),
      ...systemOf(name),
      optional: true,
    }
    added += 1
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
lock.packages = Object.fromEntries(sorted)
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} entries added`)
