/** Data files in the forms people have them, and those that are broken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../errors.ts'
import { createRandom } from '../random.ts'
import { parseTable } from './table.ts'

const rowsOf = async (text: string | Buffer) => (await parseTable(Buffer.from(text), 'a.csv')).rows
const two = [
  { text: 'Hello, you', label: 'greeting' },
  { text: 'Bye "now"', label: 'parting' },
]

test('the same rows in every form', async () => {
  const quoted = 'text,label\n"Hello, you",greeting\n"Bye ""now""",parting\n'
  assert.deepEqual(await rowsOf(quoted), two)
  assert.deepEqual(await rowsOf(`\ufeff${quoted.replaceAll('\n', '\r\n')}`), two)
  assert.deepEqual(await rowsOf('text;label\nHello, you;greeting\n"Bye ""now""";parting'), two)
  assert.deepEqual(await rowsOf('text\tlabel\nHello, you\tgreeting\n"Bye ""now"""\tparting'), two)
  assert.deepEqual(await rowsOf(JSON.stringify(two)), two)
  assert.deepEqual(await rowsOf(two.map((row) => JSON.stringify(row)).join('\n')), two)
  const utf16 = Buffer.from(`\ufeff${quoted}`, 'utf16le')
  assert.deepEqual(await rowsOf(utf16), two)
})

test('lines of other providers for fine-tuning', async () => {
  const conversation = {
    messages: [
      { role: 'system', content: 's' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'greeting' },
    ],
  }
  const parts = {
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    labels: { intent: 'greeting' },
  }
  const several = { text: 'Hi', labels: { intent: 'greeting', mood: ['glad', 'calm'] } }
  const lines = [conversation, parts, several].map((row) => JSON.stringify(row)).join('\n')
  assert.deepEqual(await rowsOf(lines), [
    { text: 'Hi', label: 'greeting' },
    { text: 'Hi', label: 'greeting' },
    { text: 'Hi', intent: 'greeting', mood: ['glad', 'calm'] },
  ])
})

test('lines in another encoding are read, and it is said how many', async () => {
  const bytes = Buffer.concat([
    Buffer.from('text,label\nfaçade,a\n'),
    Buffer.from('caf\xe9,b\n', 'latin1'),
  ])
  const { rows, notes } = await parseTable(bytes, 'a.csv')
  assert.deepEqual(rows, [
    { text: 'façade', label: 'a' },
    { text: 'café', label: 'b' },
  ])
  assert.match(notes.join(), /1 of 3 lines are not UTF-8/)
})

test('numbers, truth and nothing are texts or left out', async () => {
  assert.deepEqual(await rowsOf('{"text": 1e3, "label": true, "x": null, "y": {"z": 1}}'), [
    { text: '1000', label: 'true', y: '{"z":1}' },
  ])
  assert.deepEqual(await rowsOf('text,label\nNaN,Infinity\n'), [{ text: 'NaN', label: 'Infinity' }])
})

for (const [name, content, why] of [
  ['an empty file', '', /is empty/],
  ['a header alone', 'text,label\n', /no rows/],
  ['rows of different widths', 'text,label\na,b\nc,d,e\n', /line 3|length/i],
  ['a quote that never ends', 'text,label\n"a,b\n', /quote/i],
  ['JSON that breaks off', '[{"text": "a"', /begins as JSON/],
  ['JSON lines with a broken one', '{"text": "a"}\n{"text": \n', /line 2/],
  ['a list of numbers', '[1, 2]', /row 1 is not an object/],
  ['Parquet cut short', 'PAR1xxxxPAR1', /Parquet/],
] as const) {
  test(`${name} is refused with the reason`, async () => {
    await assert.rejects(rowsOf(content), (error) => {
      return (
        error instanceof AppError && error.code === 'unreadable_file' && why.test(error.message)
      )
    })
  })
}

test('whatever the bytes, rows come out or a reason', async () => {
  const random = createRandom(5)
  const seeds = ['text,label\n"a",b\n', '[{"text":"a"}]', '{"a":1}\n{"b":2}\n', 'PAR1\0\0PAR1']
  for (let round = 0; round < 2000; round++) {
    const bytes = Buffer.from(seeds[round % seeds.length]!.repeat(1 + random.below(3)))
    for (let change = random.below(6); change >= 0; change--) {
      bytes[random.below(bytes.length)] = random.below(256)
    }
    try {
      const { rows } = await parseTable(bytes, 'a')
      assert.ok(rows.length > 0)
    } catch (error) {
      assert.ok(error instanceof AppError, `round ${round}: ${String(error)}`)
    }
  }
})
