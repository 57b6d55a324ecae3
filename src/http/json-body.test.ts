import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AppError } from '../errors.ts'
import { parseJson } from './json-body.ts'

test('every JSON value is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 20 }), (text) => {
      assert.deepEqual(parseJson(text), JSON.parse(text))
    }),
  )
})

test('a key that stands twice in one object is refused, wherever and however it is written', () => {
  const key = fc.string({ minLength: 1, maxLength: 8 })
  const escaped = (text: string) =>
    [...Array(text.length).keys()]
      .map((index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join('')
  fc.assert(
    fc.property(key, fc.json(), fc.json(), fc.boolean(), (name, one, two, nested) => {
      const twice = `{${JSON.stringify(name)}:${one},"${escaped(name)}":${two}}`
      assert.throws(() => parseJson(nested ? `[1,{"a":${twice}}]` : twice), /same key twice/)
    }),
  )
})

test('no text makes it fail with anything but a clear refusal', () => {
  const broken = fc.oneof(
    fc.string(),
    fc
      .json()
      .chain((text) =>
        fc.nat(Math.max(0, text.length - 1)).map((at) => text.slice(0, at) + text.slice(at + 1)),
      ),
  )
  fc.assert(
    fc.property(broken, (text) => {
      try {
        parseJson(text)
      } catch (error) {
        assert.ok(error instanceof AppError && error.code === 'invalid_request')
      }
    }),
    { numRuns: 2_000 },
  )
  assert.throws(() => parseJson(`${'['.repeat(5_000)}${']'.repeat(5_000)}`), /nested deeper/)
})
