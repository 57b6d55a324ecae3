import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBlocks } from './blocks.ts'
import { parseInline } from './inline.ts'

test('headings, lists, tables and code become blocks', () => {
  const kinds = parseBlocks(
    '# Title\n\ntext\n- one\n- two\n\n1. first\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```ts\nlet x\n```\n---',
  ).map((block) => block.kind)
  assert.deepEqual(kinds, ['heading', 'paragraph', 'list', 'list', 'table', 'code', 'rule'])
})

test('a fence that is still open while streaming reaches to the end', () => {
  assert.deepEqual(parseBlocks('```json\n{"a":'), [
    { kind: 'code', language: 'json', text: '{"a":' },
  ])
})

test('HTML stays text and a link keeps its address in sight', () => {
  assert.deepEqual(parseInline('<img src=x onerror=alert(1)>'), [
    { kind: 'text', text: '<img src=x onerror=alert(1)>' },
  ])
  assert.deepEqual(parseInline('![cat](https://example.org/cat.png)'), [
    { kind: 'link', text: 'cat', address: 'https://example.org/cat.png' },
  ])
})

test('nested lists stay nested', () => {
  const [list] = parseBlocks('- a\n  - b\n  - c\n- d')
  assert.equal(list?.kind, 'list')
  assert.equal(list.items.length, 2)
  assert.equal(list.items[0]?.[1]?.kind, 'list')
})

test('hostile repetition is read in reasonable time', () => {
  const hostile = ['*', '_', '`', '[', '![', '**a', '> ', '- ', '|', '\n|-'].map((part) =>
    part.repeat(4_000),
  )
  const start = performance.now()
  for (const text of hostile)
    for (const block of parseBlocks(text)) parseInline(JSON.stringify(block))
  assert.ok(performance.now() - start < 3_000)
})
