/** `./bastide test`: every check, one after the other, with what was skipped said at the end. */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { worksHere } from '../src/engines/sandbox/isolation.ts'
import { startPostgres } from './postgres-server.ts'
import { runTestFiles } from './test-files.ts'

const notes: string[] = []
if (!existsSync('/usr/bin/chromium')) {
  notes.push(
    'SKIPPED browser tests: no Chromium at /usr/bin/chromium (Debian: apt-get install chromium)',
  )
}
if (!existsSync(new URL('../../shared/data', import.meta.url))) {
  notes.push('SKIPPED tests on real documents: no ../shared/data beside this checkout')
}

if (!worksHere('bubblewrap')) {
  notes.push(
    'SKIPPED tests of the full sandbox: bubblewrap does not work here (Debian: apt-get install bubblewrap)',
  )
}

const bin = (name: string) => `node_modules/.bin/${name}`
const unit = globSync('{src,web/src}/**/*.test.ts')
const crossing = globSync('tests/*.test.ts')

const postgres = startPostgres()
if (!postgres) {
  notes.push(
    'SKIPPED tests on a PostgreSQL server: not installed (Debian: apt-get install postgresql)',
  )
}
/** The suites that go through the database, run again on the server. */
const onPostgres = [
  'tests/spine.test.ts',
  'tests/audit-filters.test.ts',
  'tests/permission-matrix.test.ts',
  'tests/other-workspaces.test.ts',
  'tests/identity.test.ts',
  'tests/lost-access.test.ts',
  'tests/erasure.test.ts',
  'tests/backup.test.ts',
  'tests/kill-loop.test.ts',
  'tests/database-away.test.ts',
  'tests/two-administrators.test.ts',
]

const startedAt = Date.now()
let failures = 0
const environment = { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' }

function check(name: string, command: string, args: string[]): void {
  begin(name)
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: environment })
  end(name, status === 0)
}

async function tests(name: string, files: string[], more: NodeJS.ProcessEnv = {}): Promise<void> {
  begin(name)
  const { failed, unsteady } = await runTestFiles(files, { ...environment, ...more })
  for (const file of unsteady) notes.push(`UNSTEADY ${file}: passed only at the second run`)
  for (const file of failed) notes.push(`FAILED ${file}`)
  end(name, failed.length === 0)
}

function begin(name: string): void {
  process.stdout.write(`\n== ${name}\n`)
}

function end(name: string, passed: boolean): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0)
  process.stdout.write(
    `== ${name}: ${passed ? 'passed' : 'FAILED'}, ${seconds} s since the start\n`,
  )
  if (!passed) failures += 1
}

check('format and lint', bin('biome'), ['ci', '--diagnostic-level=error', '.'])
check('types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json'])
check('types of the console', bin('tsc'), ['--noEmit', '-p', 'web/tsconfig.json'])
check('unused code', bin('knip'), ['--no-progress'])
await tests('tests', [...unit, ...crossing])
if (postgres) {
  const server = { BASTIDE_TEST_POSTGRES: postgres.socketFolder }
  await tests('tests on a PostgreSQL server', onPostgres, server)
  postgres.stop()
}

for (const note of notes) process.stdout.write(`${note}\n`)
process.stdout.write(failures === 0 ? '\nAll passed.\n' : `\n${failures} of the checks FAILED.\n`)
process.exitCode = failures === 0 ? 0 : 1
