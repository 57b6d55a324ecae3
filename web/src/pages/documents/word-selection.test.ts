import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Word } from '../../api/documents.ts'
import { doubtfulWords, nextDoubtful } from './word-selection.ts'

const word = (confidence: number): Word => ({
  text: 'w',
  confidence,
  box: [0, 0, 1, 1],
  line: 0,
  paragraph: 0,
})

test('n and p go through the doubtful words and round at the ends', () => {
  const doubtful = doubtfulWords([0.5, 0.99, 0.6, 0.99, 0.7].map(word))
  assert.deepEqual(doubtful, [0, 2, 4])
  assert.equal(nextDoubtful(doubtful, null, 1), 0)
  assert.equal(nextDoubtful(doubtful, null, -1), 4)
  assert.equal(nextDoubtful(doubtful, 1, 1), 2)
  assert.equal(nextDoubtful(doubtful, 4, 1), 0)
  assert.equal(nextDoubtful(doubtful, 0, -1), 4)
})
