/** What is said of data before it is learned from. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkExamples, checkLeakage, sameButForSlip } from './checks.ts'
import { essence } from './essence.ts'
import { findPersonal } from './personal.ts'
import { folds, stratified } from './split.ts'

const task = { labels: ['payment', 'paymnet', 'loan'], multiple: false }
const many = (count: number, label: number, word: string) =>
  Array.from({ length: count }, (_, at) => ({ text: `${word} number ${at}`, labels: [label] }))

test('each fault is found, with its rows and what to do', () => {
  const examples = [
    ...many(30, 0, 'my card'),
    ...many(20, 2, 'a loan'),
    { text: 'MY CARD, number 3!', labels: [0] },
    { text: 'a loan number 4', labels: [0] },
    { text: 'the card is gone', labels: [1] },
    { text: 'loan', labels: [2] },
    { text: 'write to ann@example.org', labels: [0] },
    { text: 'где моя карта', labels: [0] },
  ]
  const found = new Map(checkExamples(task, examples).map((one) => [one.code, one]))
  assert.deepEqual(found.get('duplicates')?.rows, [50])
  assert.deepEqual(found.get('contradictions')?.rows, [34, 51])
  assert.deepEqual(found.get('similar_labels')?.rows, [52])
  assert.match(found.get('small_classes')!.message, /"paymnet"/)
  assert.deepEqual(found.get('label_is_text')?.rows, [53])
  assert.deepEqual(found.get('personal_data')?.rows, [54])
  assert.deepEqual(found.get('scripts')?.rows, [55])
  for (const { fix, message } of found.values()) assert.ok(fix.length > 10 && message.length > 10)
  assert.deepEqual(
    checkExamples(task, [...many(20, 0, 'a card'), ...many(20, 1, 'b'), ...many(20, 2, 'c')]),
    [],
  )
})

test('rows learned from are found among those measured on, however they are written', () => {
  const keys = ['Card number 1', 'Card number 2'].map(essence)
  const [leak] = checkLeakage(keys, ['card NUMBER 2.', 'another'].map(essence))
  assert.deepEqual(leak?.rows, [0])
})

test('labels that are the same but for a slip', () => {
  for (const [a, b] of [
    ['Card arrival', 'card_arrival'],
    ['payment', 'paymnet'],
    ['refund', 'refunds'],
  ]) {
    assert.ok(sameButForSlip(a!, b!), `${a} ${b}`)
  }
  for (const [a, b] of [
    ['en', 'es'],
    ['class 1', 'class 2'],
    ['refund', 'payment'],
    ['card', 'cars'],
  ]) {
    assert.ok(!sameButForSlip(a!, b!), `${a} ${b}`)
  }
})

test('personal data by form and check digits', () => {
  const kinds = (text: string) => findPersonal(text).map(({ kind }) => kind)
  assert.deepEqual(kinds('jürgen.müller@bücher.example wrote'), ['email'])
  assert.deepEqual(kinds('to DE89 3704 0044 0532 0130 00 please'), ['iban'])
  assert.deepEqual(kinds('to DE89 3704 0044 0532 0130 02 please'), [])
  assert.deepEqual(kinds('card 4111 1111 1111 1111'), ['card'])
  assert.deepEqual(kinds('card 4111 1111 1111 1112'), [])
  assert.deepEqual(kinds('call +49 (89) 1234-567'), ['telephone'])
  assert.deepEqual(kinds('order 12345 of 2024-01-02'), [])
})

test('splits take of each class alike, each row once, the same with the same seed', () => {
  const classes = Array.from({ length: 300 }, (_, at) =>
    at % 3 === 0 ? 'a' : at % 50 === 1 ? 'c' : 'b',
  )
  const { kept, taken } = stratified(classes, 0.2, 1)
  assert.equal(kept.length + taken.length, 300)
  assert.ok(Math.abs(taken.length - 60) <= 2)
  assert.ok(Math.abs(taken.filter((row) => classes[row] === 'a').length - 20) <= 1)
  assert.deepEqual(stratified(classes, 0.2, 1), { kept, taken })
  assert.notDeepEqual(stratified(classes, 0.2, 2).taken, taken)
  assert.deepEqual(stratified(['a', 'b'], 0.5, 1).taken, [], 'a class of one row stays')
  const parts = folds(classes, 3, 1)
  assert.deepEqual(
    parts.flat().sort((a, b) => a - b),
    [...classes.keys()],
  )
})
