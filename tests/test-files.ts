/**
 * Runs test files one at a time, as they start engines and servers that want the cores: each in a process
 * group of its own, so that a file that hangs is ended together with the servers it started, and said.
 */
import { spawn } from 'node:child_process'

/** The longest file takes two minutes; whatever takes five times as long is stuck. */
const patienceMs = 600_000

export interface Verdict {
  passed: boolean
  seconds: number
  /** How many tests the file has, from its own summary. */
  tests: number
  /** Names of the tests it left out, with their reasons. */
  skipped: string[]
  output: string
}

/**
 * A line a file; all a file said when it failed. A failed file runs once more: loudly, as a test that
 * passes only then is unsteady and wants mending. Returns what to say at the end.
 */
export async function runTestFiles(files: string[], environment: NodeJS.ProcessEnv) {
  const failed: string[] = []
  const unsteady: string[] = []
  for (const [index, file] of files.entries()) {
    const place = `${String(index + 1).padStart(String(files.length).length)}/${files.length}`
    let verdict = await runTestFile(file, environment)
    report(place, file, verdict)
    if (verdict.passed) continue
    process.stdout.write(`${place} ${file}: FAILED, running it once more\n`)
    verdict = await runTestFile(file, environment)
    report(place, file, verdict)
    if (verdict.passed) unsteady.push(file)
    else failed.push(file)
  }
  return { failed, unsteady }
}

function report(place: string, file: string, verdict: Verdict): void {
  const { passed, seconds, tests, skipped, output } = verdict
  if (!passed) process.stdout.write(output)
  const count = `${tests} ${tests === 1 ? 'test' : 'tests'}`
  process.stdout.write(
    `${place} ${passed ? '✔' : '✖'} ${file}: ${count}, ${seconds.toFixed(1)} s\n`,
  )
  for (const name of skipped) process.stdout.write(`    skipped: ${name}\n`)
}

function runTestFile(file: string, environment: NodeJS.ProcessEnv): Promise<Verdict> {
  const startedAt = performance.now()
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  // Without Maglev, as the program itself runs: see the launcher.
  const flags = ['--no-maglev', '--test-reporter=spec', `--test-timeout=${patienceMs / 2}`]
  const child = spawn(process.execPath, [...flags, file], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  })
  let output = ''
  const take = (text: string) => {
    output += text
  }
  child.stdout.setEncoding('utf8').on('data', take)
  child.stderr.setEncoding('utf8').on('data', take)
  const endGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // Nothing of the group is left, as it should be.
    }
  }
  const stuck = setTimeout(() => {
    take(`${file} did not end within ${patienceMs / 1000} s and was ended, with all it started.\n`)
    endGroup()
  }, patienceMs)
  // A server left behind holds the pipes open; it is ended so that they close.
  child.once('exit', endGroup)
  child.once('close', (code) => {
    clearTimeout(stuck)
    resolve({
      passed: code === 0,
      seconds: (performance.now() - startedAt) / 1000,
      tests: Number(/^ℹ tests (\d+)$/m.exec(output)?.[1] ?? 0),
      skipped: [...output.matchAll(/^\s*﹣ (.+)$/gm)].map((line) => line[1]!),
      output,
    })
  })
  return promise
}
