/** The compatibility page says what is so: of what tests saw, and of what the server answers to the rest. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { linesOf, pagePath, pageText } from './compatibility/page.ts'
import { type Evidence, evidencePath, type Sdk } from './compatibility/witness.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
let lines: Awaited<ReturnType<typeof linesOf>>
const evidence = JSON.parse(readFileSync(evidencePath, 'utf8')) as Evidence

before(async () => {
  program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
  await importTinyModels(program)
  lines = await linesOf(program, evidence)
})
after(() => program?.[Symbol.asyncDispose]())

test('the page is what the evidence and the server say', () => {
  assert.equal(
    readFileSync(pagePath, 'utf8'),
    pageText(lines),
    'Write the page anew: node tests/compatibility.ts',
  )
})

test('what was seen are methods of the SDKs, in tests that are there', () => {
  for (const [file, seen] of Object.entries(evidence)) {
    assert.ok(existsSync(new URL(file, import.meta.url)), file)
    for (const [sdk, methods] of Object.entries(seen)) {
      for (const method of Object.keys(methods)) {
        assert.ok(lines.get(sdk as Sdk)?.has(method), `${file}: ${sdk} has no ${method}`)
      }
    }
  }
})

test('the greater part of what is not offered was called, and refused in clear words', () => {
  const states = [...lines.values()].flatMap((methods) => [...methods.values()])
  const counted = (state: string) => states.filter((line) => line.state === state).length
  assert.ok(counted('works') + counted('differs') > 40)
  assert.ok(counted('not offered') > 300, String(counted('not offered')))
  assert.ok(counted('not tried') < counted('not offered') / 3, String(counted('not tried')))
})
