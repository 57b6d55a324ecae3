/** `./bastide test`: every check, one after the other, with what was skipped said at the end. */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'

const skips: string[] = []
if (!existsSync('/usr/bin/chromium')) {
  skips.push('browser tests: no Chromium at /usr/bin/chromium (Debian: apt-get install chromium)')
}
if (!existsSync(new URL('../../shared/data', import.meta.url))) {
  skips.push('tests on real documents: no ../shared/data beside this checkout')
}

const node = process.execPath
const bin = (name: string) => `node_modules/.bin/${name}`
const unit = globSync('src/**/*.test.ts')
const crossing = globSync('tests/*.test.ts')

/** Test files run one at a time: they start engines and servers that want the cores. */
const steps: [name: string, command: string, args: string[]][] = [
  ['format and lint', bin('biome'), ['ci', '--diagnostic-level=error', '.']],
  ['types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']],
  ['types of the console', bin('tsc'), ['--noEmit', '-p', 'web/tsconfig.json']],
  ['tests', node, ['--test', '--test-concurrency=1', ...unit, ...crossing]],
]

let failed = 0
for (const [name, command, args] of steps) {
  const startedAt = Date.now()
  process.stdout.write(`\n== ${name}\n`)
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  })
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  process.stdout.write(`== ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s\n`)
  if (status !== 0) failed += 1
}
for (const skip of skips) process.stdout.write(`SKIPPED ${skip}\n`)
process.stdout.write(`\n${steps.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
