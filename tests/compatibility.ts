/** Runs the tests of the SDKs, gathers what they saw, and writes the compatibility page. */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { linesOf, pagePath, pageText } from './compatibility/page.ts'
import { type Evidence, evidencePath, gatherVariable } from './compatibility/witness.ts'
import { startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-compatibility-'))
const files = globSync('tests/*.test.ts')
  .filter((file) => readFileSync(file, 'utf8').includes('compareEvidence('))
  .sort()
const evidence: Evidence = {}
for (const file of files) {
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
    env: { ...process.env, [gatherVariable]: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`${file} fails: the page would say what is not so`)
  const text = readFileSync(join(folder, `${basename(file)}.json`), 'utf8')
  evidence[basename(file)] = JSON.parse(text)
}
rmSync(folder, { recursive: true })
writeFileSync(evidencePath, `${JSON.stringify(evidence, null, 2)}\n`)
await using program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
await importTinyModels(program)
writeFileSync(pagePath, pageText(await linesOf(program, evidence)))
