/** Architecture and style as a test. The reasons are in ARCHITECTURE.md; this keeps it true. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'

/** Floor of each folder; a file may import from its own floor and below. */
const floors: Record<string, number> = {
  leaf: 0,
  store: 1,
  access: 1,
  assurance: 2,
  compute: 2,
  models: 3,
  engines: 3,
  inference: 4,
  forge: 5,
  arena: 6,
  knowledge: 6,
  workloads: 7,
  agent: 7,
  http: 8,
  cli: 8,
  root: 8,
}
const leaves = ['clock', 'config', 'egress', 'errors', 'freshness', 'ids', 'log', 'version'].map(
  (name) => `src/${name}.ts`,
)

const sources = globSync('src/**/*.ts').map((path) => normalize(path))
const product = sources.filter((path) => !path.endsWith('.test.ts') && !path.includes('fixture'))
const textOf = new Map(sources.map((path) => [path, readFileSync(path, 'utf8')]))

function folderOf(path: string): string {
  if (leaves.includes(path)) return 'leaf'
  return path.split('/').length === 2 ? 'root' : path.split('/')[1]!
}

function importsOf(path: string): string[] {
  const matches = textOf.get(path)!.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)
  return [...matches].map(([, target]) => normalize(join(dirname(path), target!)))
}

test('imports point down', () => {
  const wrong: string[] = []
  for (const path of product) {
    const from = folderOf(path)
    for (const target of importsOf(path)) {
      const to = folderOf(target)
      if (floors[from] === undefined) wrong.push(`${path}: folder ${from} has no floor`)
      else if (floors[to]! > floors[from]!) wrong.push(`${path}: ${from} may not import ${to}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('only the door uses engines: everything else sees their contract', () => {
  const allowed = new Set(['inference', 'engines', 'root'])
  const wrong = product.filter(
    (path) =>
      !allowed.has(folderOf(path)) &&
      importsOf(path).some(
        (to) =>
          to.startsWith('src/engines/') &&
          !to.endsWith('contract.ts') &&
          // What keeps their processes apart is shown by `bastide doctor`.
          to !== 'src/engines/sandbox/isolation.ts',
      ),
  )
  assert.deepEqual(wrong, [])
})

test('only access makes scopes', () => {
  const wrong = product.filter(
    (path) => /\bmakeScope\b/.test(textOf.get(path)!) && folderOf(path) !== 'access',
  )
  assert.deepEqual(wrong, [])
})

test('only config.ts reads the environment', () => {
  const wrong = product.filter(
    (path) => /process\.env/.test(textOf.get(path)!) && path !== 'src/config.ts',
  )
  assert.deepEqual(wrong, [])
})

test('faces and engines hold no SQL', () => {
  const wrong = product.filter(
    (path) =>
      ['http', 'cli', 'engines'].includes(folderOf(path)) &&
      /from 'kysely'|sql`/.test(textOf.get(path)!),
  )
  assert.deepEqual(wrong, [])
})

test('nothing puts text into SQL', () => {
  const raw = /sql\.(raw|lit)\(|\.(query|exec)\(\s*`[^`]*\$\{/
  // The migrations are whole files of ours; positions in a list are numbers of ours.
  const known = ['src/store/migrate.ts', 'src/compute/ledger/usage.ts']
  const wrong = product.filter((path) => raw.test(textOf.get(path)!) && !known.includes(path))
  assert.deepEqual(wrong, [])
})

test('only engines start processes, and the command line itself again', () => {
  const wrong = product.filter(
    (path) =>
      textOf.get(path)!.includes('child_process') &&
      folderOf(path) !== 'engines' &&
      path !== 'src/cli/up.ts',
  )
  assert.deepEqual(wrong, [])
})

test('no file is longer than 600 lines', () => {
  const long = [...sources, ...globSync('web/src/**/*.{ts,tsx}')].filter(
    (path) => readFileSync(path, 'utf8').split('\n').length > 600,
  )
  assert.deepEqual(long, [])
})

test('no folder or file is a drawer for everything', () => {
  assert.deepEqual(
    sources.filter((path) => /\/(utils?|helpers?|misc|common)(\/|\.)/.test(path)),
    [],
  )
})

test('no catch is empty', () => {
  assert.deepEqual(
    product.filter((path) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(textOf.get(path)!)),
    [],
  )
})

test('every folder of src is named in ARCHITECTURE.md, and links in documents lead somewhere', () => {
  const architecture = readFileSync('ARCHITECTURE.md', 'utf8')
  const folders = new Set(product.filter((p) => p.split('/').length > 2).map(folderOf))
  for (const folder of folders) assert.match(architecture, new RegExp(`\`src/${folder}/`))
  for (const file of [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...globSync('docs/**/*.md'),
  ]) {
    for (const [, link] of readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.ok(existsSync(join(dirname(file), link!)), `${file} links to ${link}`)
    }
  }
})
