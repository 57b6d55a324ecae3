/** Pairs: measures against published values, trees here and in onnxruntime, a matcher from file to answers. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { jaroWinkler, similarities } from '../../models/specialist/similarity.ts'
import { parseTable } from '../data/table.ts'
import { makeSpecialist } from '../make.ts'
import { openFor } from '../open.ts'
import { createRandom } from '../random.ts'
import { OrtTensor } from '../tensor/onnxruntime.ts'
import { openSession } from '../tensor/training-session.ts'
import { boost, forestScores } from '../trees/boosting.ts'
import { forestGraph } from '../trees/graph.ts'
import { bestThreshold } from './evaluate.ts'
import { readPairs } from './examples.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-match-'))
after(() => rmSync(folder, { recursive: true }))

test('Jaro and Winkler, as published', () => {
  for (const [a, b, value] of [
    ['martha', 'marhta', 0.961],
    ['dwayne', 'duane', 0.84],
    ['dixon', 'dicksonx', 0.813],
    ['same', 'same', 1],
    ['abc', 'xyz', 0],
    ['', 'a', 0],
  ] as const) {
    assert.ok(Math.abs(jaroWinkler(a, b) - value) < 0.001, `${a} ${b}: ${jaroWinkler(a, b)}`)
  }
})

test('measures are the same both ways round, and say so where there is nothing', () => {
  const rarity = { values: new Map<number, number>(), rarest: 1 }
  const [a, b] = [
    { name: 'Sony DSC-W120 camera', price: '$ 199.00' },
    { name: 'camera sony DSCW120', price: '' },
  ]
  const fields = ['name', 'price']
  const [one, other] = [similarities(a, b, fields, rarity), similarities(b, a, fields, rarity)]
  assert.deepEqual(one, other)
  assert.ok(similarities(a, a, fields, rarity).every((value) => value === 1 || value === -1))
  const price = one.subarray(14, 28)
  assert.deepEqual([...price], [0, ...new Array(13).fill(-1)])
  assert.equal(one[8], 1, 'the code is the same without its hyphen')
})

const options = { trees: 60, leaves: 8, rate: 0.2, leafRows: 3, decay: 1, featureShare: 1, seed: 1 }

test('trees learn what no line can divide, and onnxruntime answers as they do', async () => {
  const random = createRandom(8)
  const rows = Array.from({ length: 400 }, () =>
    Float32Array.from({ length: 3 }, () => random.next()),
  )
  const labels = rows.map(([a, b]) => (a! > 0.5 !== b! > 0.5 ? 1 : 0))
  const forest = boost(rows, labels, options)
  const scores = forestScores(forest, rows)
  const right = labels.filter((label, at) => scores[at]! > 0 === (label === 1)).length
  assert.ok(right > 390, String(right))
  const session = await openSession(forestGraph(forest, 3).bytes)
  const features = new OrtTensor(
    'float32',
    Float32Array.from(rows.flatMap((row) => [...row])),
    [400, 3],
  )
  const results = await session.run({ features })
  const served = results.scores!.data as Float32Array
  for (const [at, score] of scores.entries()) assert.ok(Math.abs(score - served[at]!) < 1e-3)
  await session.release()
})

test('growing ends when held-out rows get no better', () => {
  const rows = Array.from({ length: 60 }, (_, at) => Float32Array.of(at))
  const labels = rows.map((_, at) => (at % 2) as 0 | 1)
  const qualities = [3, 5, 4, 4, 4]
  let asked = 0
  const forest = boost(rows, labels, {
    ...options,
    patience: 2,
    validate: () => qualities[asked++]!,
  })
  assert.deepEqual([asked, forest.trees.length], [4, 2])
})

test('the threshold is where F1 is best', () => {
  const rows = [
    [1, 0.9],
    [1, 0.8],
    [0, 0.7],
    [1, 0.6],
    [0, 0.2],
  ].map(([same, probability]) => ({
    same: same as 0 | 1,
    probability: probability!,
  }))
  const threshold = bestThreshold(rows)
  assert.ok(threshold > 0.2 && threshold < 0.6)
})

const makers = ['Sony', 'Canon', 'Bosch', 'Miele', 'Philips']
const things = ['camera', 'oven', 'drill', 'lamp', 'phone']

/** Products as two shops write them; pairs that are not the same differ in their number. */
function pairs(count: number, seed: number) {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, at) => {
    const [maker, thing] = [makers[random.below(5)]!, things[random.below(5)]!]
    const number = 100 + random.below(900)
    const same = at % 3 === 0
    const other = same ? number : 100 + ((number - 100 + 1 + random.below(899)) % 900)
    return {
      left: { title: `${maker} ${thing} X${number}`, price: String(number) },
      right: { title: `${thing} by ${maker.toLowerCase()} X-${other} new`, price: `${other}.00` },
      label: same ? 1 : 0,
    }
  })
}

test('a matcher is made, measured, answers, and says what speaks for it', async () => {
  const write = (name: string, rows: readonly object[]) => {
    const path = join(folder, name)
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
    return path
  }
  const made = await makeSpecialist({
    name: 'products',
    task: 'match',
    folder: join(folder, 'products'),
    data: write('train.jsonl', pairs(300, 1)),
    test: write('test.jsonl', pairs(120, 2)),
    columns: {},
    budgetSeconds: 1,
    seed: 1,
    progress: () => {},
  })
  const measured = made.evaluation.test!
  assert.ok(measured.kind === 'pairs' && measured.f1.value > 0.95, JSON.stringify(measured))
  const { specialist, close } = await openFor(join(folder, 'products'), 'match')
  await assert.rejects(openFor(join(folder, 'products'), 'tag'), /for another task, match/)
  const { matcher } = specialist
  const left = { title: 'Bosch drill X512', price: '512' }
  const [yes, no] = await matcher.match([
    { left, right: { title: 'drill by bosch X-512 new', price: '512.00' } },
    { left, right: { title: 'drill by bosch X-519 new', price: '519.00' } },
  ])
  assert.deepEqual([yes!.match, no!.match], [true, false])
  assert.deepEqual(
    yes!.evidence.map(({ field }) => field),
    ['title', 'price'],
  )
  assert.ok(yes!.evidence.every(({ similarity }) => similarity !== null && similarity > 0))
  assert.deepEqual(await matcher.match([]), [])
  await close()
})

test('pairs in columns of their own, or with a name before each field', async () => {
  const read = async (text: string) => readPairs(await parseTable(Buffer.from(text), 'a'), {})
  const expected = { left: { text: 'a b' }, right: { text: 'a c' }, same: 1 }
  assert.deepEqual(await read('left,right,label\na b,a c,yes\n'), [expected])
  assert.deepEqual(await read('left_name,right_name,match\na,b,0\n'), [
    { left: { name: 'a' }, right: { name: 'b' }, same: 0 },
  ])
  await assert.rejects(read('left,right,label\na,b,perhaps\n'), /neither yes nor no/)
  await assert.rejects(read('left,right\na,b\n'), /--label/)
  await assert.rejects(read('left,other,label\na,b,1\n'), /no two sides/)
})
