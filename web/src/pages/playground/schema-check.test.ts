import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setLanguage } from '../../texts/language.ts'
import { exampleSchema } from './example-schema.ts'
import { checkSchema } from './schema-check.ts'

setLanguage('en')

test('a sound schema has no problem', () => {
  assert.equal(checkSchema(exampleSchema), null)
})

test('broken JSON is located by line and column', () => {
  assert.match(checkSchema('{\n  "type": object\n}') ?? '', /line 2, column 11/)
})

test('each problem names its place', () => {
  const cases: [unknown, RegExp][] = [
    [[], /is an object/],
    [{ type: 'text' }, /schema\.type is "text"/],
    [
      { properties: { a: { type: 'array', items: { type: 'int' } } } },
      /properties\.a\.items\.type/,
    ],
    [{ properties: { a: {} }, required: ['b'] }, /required names “b”/],
    [{ enum: [] }, /enum/],
    [{ anyOf: {} }, /anyOf must be a list/],
  ]
  for (const [schema, expected] of cases) {
    assert.match(checkSchema(JSON.stringify(schema)) ?? 'no problem', expected)
  }
})
