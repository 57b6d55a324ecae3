/** A PostgreSQL server of the system's packages, on a socket of its own, for one test run. */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface PostgresServer {
  /** Folder of its unix socket. */
  socketFolder: string
  stop(): void
}

/** Null when the system has no PostgreSQL programs. */
export function startPostgres(): PostgresServer | null {
  const programs = globSync('/usr/lib/postgresql/*/bin').sort().at(-1)
  if (!programs) return null
  const folder = mkdtempSync(join(tmpdir(), 'bastide-postgres-'))
  const data = join(folder, 'data')
  // PostgreSQL refuses to run as root; its package brings a user for it.
  const asRoot = process.getuid?.() === 0
  if (asRoot) {
    const id = (flag: string) =>
      Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim())
    chownSync(folder, id('-u'), id('-g'))
    chmodSync(folder, 0o755)
  }
  const run = (program: string, args: string[]) => {
    const path = join(programs, program)
    const [command, all] = asRoot
      ? ['runuser', ['-u', 'postgres', '--', path, ...args]]
      : [path, args]
    // runuser lies in a folder that not every shell searches.
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
    const { status, stderr, error } = spawnSync(command, all, {
      encoding: 'utf8',
      cwd: folder,
      env,
    })
    if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`)
  }
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'])
  const options = `-c listen_addresses= -k ${folder} -c max_connections=200`
  run('pg_ctl', ['-D', data, '-l', join(folder, 'log'), '-o', options, '-w', 'start'])
  return {
    socketFolder: folder,
    stop() {
      run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop'])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
