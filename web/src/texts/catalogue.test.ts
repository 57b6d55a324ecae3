import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { IntlMessageFormat } from 'intl-messageformat'
import { catalogue } from './catalogue.ts'
import { setLanguage } from './language.ts'
import { t } from './translate.ts'

const folder = new URL('.', import.meta.url)
const texts = Object.entries(catalogue)

type Elements = ReturnType<IntlMessageFormat['getAst']>

/** The arguments and tags of a text, each once; throws where it is no ICU message. */
function partsOf(text: string): string[] {
  const parts = new Set<string>()
  const visit = (elements: Elements) => {
    for (const element of elements) {
      if ('children' in element) {
        parts.add(`<${element.value}>`)
        visit(element.children)
      } else if ('options' in element) {
        parts.add(`{${element.value}, ${Object.keys(element.options)}}`)
        for (const option of Object.values(element.options)) visit(option.value)
      } else if ('value' in element && !isLiteral(element)) parts.add(`{${element.value}}`)
    }
  }
  visit(new IntlMessageFormat(text).getAst())
  return [...parts].sort()
}

/** The parser numbers its kinds of elements; 0 is text as it stands. */
const isLiteral = (element: Elements[number]) => Number(element.type) === 0

test('every text has the same arguments and tags in all languages', () => {
  for (const [english, { fr, de }] of texts) {
    assert.deepEqual(partsOf(fr), partsOf(english), fr)
    assert.deepEqual(partsOf(de), partsOf(english), de)
  }
})

test('no translation is empty, and none holds a quote that ICU would take for an escape', () => {
  for (const [english, { fr, de }] of texts) {
    for (const text of [english, fr, de]) {
      assert.notEqual(text.trim(), '', english)
      assert.ok(!text.includes("'"), text)
    }
  }
})

test('no text stands in two parts of the catalogue, where one would hide the other', () => {
  const source = readFileSync(new URL('catalogue.ts', folder), 'utf8')
  const parts = [...source.matchAll(/from '\.\/(\w+)\.ts'/g)].map(([, name]) => name!)
  const counts = parts.map((name) => {
    const lines = readFileSync(new URL(`${name}.ts`, folder), 'utf8')
    return lines.match(/\bfr: /g)!.length
  })
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    texts.length,
  )
})

test('the console says every text of the catalogue', () => {
  const source = globSync('../**/*.{ts,tsx}', { cwd: folder })
    .filter((path) => !/\.test\.ts$|^\.\.\/texts\/(?!api-word)/.test(path))
    .map((path) => readFileSync(new URL(path, folder), 'utf8'))
    .join('\n')
  const unsaid = texts.filter(([english]) => !source.includes(`'${english}'`))
  assert.deepEqual(
    unsaid.map(([english]) => english),
    [],
  )
})

test('plurals and numbers follow the language', () => {
  const pages = '{count, plural, one {# page} other {# pages}}'
  setLanguage('de')
  assert.equal(t(pages, { count: 1 }), '1 Seite')
  assert.equal(t(pages, { count: 1200 }), '1.200 Seiten')
  setLanguage('fr')
  assert.equal(t(pages, { count: 0 }), '0 page')
  setLanguage('en')
  assert.equal(t(pages, { count: 1200 }), '1,200 pages')
})
