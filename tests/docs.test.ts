/** What the documents show is run: the example call, and every command they name. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { runCommand, startProgram } from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md'),
]

test("the README's first call works as it stands", async () => {
  await using program = await startProgram()
  const imported = await program.command(
    ...['model', 'import', await makeTinyLlama(), '--name', 'assistant'],
  )
  assert.equal(imported.code, 0, imported.errors)
  const example = /```ts\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1]
  assert.ok(example, 'the README has an example')
  const code = example
    .replace('KEY', JSON.stringify(program.key))
    .replace('http://127.0.0.1:8080', program.url)
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '--eval', code],
    { encoding: 'utf8' },
  )
  assert.equal(status, 0, stderr)
})

/** Handled by the shell script before the program starts. */
const ofTheScript = new Set(['test', 'bench', 'gpu'])

test('every command the documents name exists', async () => {
  const named = new Set<string>()
  for (const file of documents) {
    for (const [, words] of readFileSync(file, 'utf8').matchAll(
      /\.\/bastide ((?:[a-z]+ ?){1,3})/g,
    )) {
      named.add(words!.trim())
    }
  }
  assert.ok(named.size > 10)
  for (const words of named) {
    const [first, second] = words.split(' ')
    if (first === 'help' || ofTheScript.has(first!)) continue
    const top = await runCommand([first!, '--help'])
    assert.equal(top.code, 0, `./bastide ${first}`)
    if (!second || !/Commands:/.test(top.output)) continue
    const nested = await runCommand([first!, second, '--help'])
    assert.ok(nested.code === 0 && !/too many|unknown command/.test(nested.errors), words)
  }
})

test('every setting the documents name exists', async () => {
  const known = (await runCommand(['config'])).output
  const own = new Set(['BASTIDE_URL', 'BASTIDE_KEY'])
  for (const file of documents) {
    for (const [variable] of readFileSync(file, 'utf8').matchAll(/\bBASTIDE_[A-Z_]+\b/g)) {
      assert.ok(own.has(variable) || known.includes(variable), `${file} names ${variable}`)
    }
  }
})
