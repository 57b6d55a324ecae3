/** From a file to a classifier that answers, through everything in between. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { AppError } from '../errors.ts'
import { openFileSource } from '../models/formats/byte-source.ts'
import { readOnnx } from '../models/formats/onnx.ts'
import { openClassifier } from './classify/package.ts'
import { type MakeOptions, makeSpecialist, measureFile } from './make.ts'
import { createRandom } from './random.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-forge-'))
after(() => rmSync(folder, { recursive: true }))

const words: Record<string, string[]> = {
  card: ['card', 'plastic', 'chip', 'pin', 'swipe', 'visa'],
  loan: ['loan', 'mortgage', 'borrow', 'lend', 'interest', 'repay'],
  transfer: ['transfer', 'send', 'wire', 'iban', 'payee', 'remit'],
}
const filler = [
  'please',
  'my',
  'the',
  'how',
  'do',
  'I',
  'with',
  'a',
  'new',
  'can',
  'you',
  'why',
  'is',
  'not',
]

/** Sentences in which two words of the class stand among others. */
function sentences(count: number, seed: number): { text: string; label: string }[] {
  const random = createRandom(seed)
  const pick = (list: string[]) => list[random.below(list.length)]!
  return Array.from({ length: count }, () => {
    const label = pick(Object.keys(words))
    const list = [
      ...Array.from({ length: 6 }, () => pick(filler)),
      pick(words[label]!),
      pick(words[label]!),
    ]
    return { text: random.shuffle(list).join(' '), label }
  })
}

function write(name: string, rows: readonly object[]): string {
  const path = join(folder, name)
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
  return path
}

const make = (data: string, more: Partial<MakeOptions> = {}) =>
  makeSpecialist({
    name: 'bank',
    task: 'classify',
    folder: join(folder, 'bank'),
    data,
    columns: {},
    budgetSeconds: 1,
    seed: 1,
    progress: () => {},
    ...more,
  })

test('a classifier is made, measured, packed and answers', async () => {
  const steps: number[] = []
  const made = await make(write('train.jsonl', sentences(400, 1)), {
    test: write('test.jsonl', sentences(200, 2)),
    progress: (_, share) => steps.push(share),
  })
  const measured = made.evaluation.test!
  assert.ok(measured.kind === 'label' && measured.accuracy.value > 0.97, JSON.stringify(measured))
  assert.ok(measured.calibrationError < 0.05)
  assert.deepEqual(
    steps,
    [...steps].sort((a, b) => a - b),
    'progress only grows',
  )
  assert.ok(made.cpuSeconds > 0 && made.joules > 0 && /estimated/.test(made.joulesSource))

  const { classifier, contract, close } = await openClassifier(join(folder, 'bank'))
  const texts = ['please borrow the mortgage', 'qqq zzz', 'swipe card', '']
  const answers = await classifier.classify(texts)
  assert.deepEqual(
    answers.map(({ labels, unknown }) => (unknown ? 'unknown' : labels[0]!.label)),
    ['loan', 'unknown', 'card', 'unknown'],
  )
  for (const { labels } of answers) {
    assert.ok(Math.abs(labels.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-9)
  }
  const alone = await Promise.all(texts.map((text) => classifier.scores([text])))
  const together = await classifier.scores(texts)
  assert.deepEqual(
    alone.map(([one]) => [...one!].map((x) => x.toFixed(4))),
    together.map((one) => [...one].map((x) => x.toFixed(4))),
  )
  assert.deepEqual(contract.labels, ['card', 'loan', 'transfer'])
  await close()

  const file = await openFileSource(join(folder, 'bank', 'weights.onnx'))
  assert.ok((await readOnnx(file)).tensorBytes > 0, 'our own check of model files takes it')
  await file.close()
})

test('the same data, settings and seed give the same weights', async () => {
  const data = write('again.jsonl', sentences(150, 3))
  const weights = async (seed: number) => {
    await make(data, { folder: join(folder, 'again'), budgetSeconds: 0, seed })
    return readFileSync(join(folder, 'again', 'weights.onnx'))
  }
  const first = await weights(4)
  assert.ok(first.equals(await weights(4)))
})

test('several labels per text', async () => {
  const one = sentences(300, 5)
  const rows = one.map(({ text, label }, at) => {
    const other = one[(at * 7 + 1) % one.length]!
    return at % 3 === 0
      ? { text: `${text} ${other.text}`, label: [...new Set([label, other.label])] }
      : { text, label: [label] }
  })
  const made = await make(write('several.jsonl', rows), { folder: join(folder, 'several') })
  const measured = made.evaluation.held_out!
  assert.ok(measured.kind === 'labels' && measured.microF1 > 0.9, JSON.stringify(measured))
})

test('a changed package is refused, and the file is named', async () => {
  const path = join(folder, 'bank', 'vocabulary.bin')
  const bytes = readFileSync(path)
  bytes[20]! ^= 1
  writeFileSync(path, bytes)
  await assert.rejects(openClassifier(join(folder, 'bank')), /vocabulary\.bin was changed/)
})

const rows = sentences(60, 6)
const refusals: [what: string, rows: object[], code: string, why: RegExp][] = [
  [
    'one class',
    rows.map(({ text }) => ({ text, label: 'card' })),
    'invalid_request',
    /every row has the label "card"/,
  ],
  [
    'no label',
    rows.map(({ text }) => ({ text, label: '' })),
    'invalid_request',
    /no row has a label/,
  ],
  ['a single column', rows.map(({ text }) => ({ text })), 'invalid_request', /single column/],
  [
    'columns that say nothing',
    rows.map(({ text, label }) => ({ a: text, b: label, c: 1 })),
    'invalid_request',
    /--text and --label/,
  ],
]
for (const [what, data, code, why] of refusals) {
  test(`data with ${what} is refused, and nothing is written`, async () => {
    const target = join(folder, 'refused')
    await assert.rejects(make(write('bad.jsonl', data), { folder: target }), (error) => {
      return error instanceof AppError && error.code === code && why.test(error.message)
    })
    assert.ok(!readdirSync(folder).some((name) => name.startsWith('refused')))
  })
}

test('a class with one row, empty rows and labels not learned are said, not fatal', async () => {
  const odd = [
    ...sentences(100, 7),
    { text: 'unique thing', label: 'rare' },
    { text: '', label: 'card' },
  ]
  const data = write('odd.jsonl', odd)
  const made = await make(data, {
    folder: join(folder, 'odd'),
    test: write('other.jsonl', [...sentences(20, 8), { text: 'x', label: 'never seen' }]),
  })
  assert.match(made.notes.join('\n'), /1 rows without text or label/)
  assert.match(
    made.notes.join('\n'),
    /1 rows have labels that the data to learn from does not have/,
  )
  assert.ok(made.findings.some(({ code }) => code === 'small_classes'))
  const { evaluation } = await measureFile(join(folder, 'odd'), data, {})
  assert.ok(evaluation.kind === 'label' && evaluation.accuracy.value > 0.9)
})

test('stopped in the middle, nothing is written', async () => {
  const stop = new AbortController()
  const target = join(folder, 'stopped')
  const making = make(write('stopped.jsonl', sentences(300, 9)), {
    folder: target,
    signal: stop.signal,
    progress: (_, share) => {
      if (share > 0.1) stop.abort(new AppError('cancelled', 'stopped'))
    },
    budgetSeconds: 100,
  })
  await assert.rejects(making, /stopped/)
  assert.ok(
    !readdirSync(folder).some((name) => name.startsWith('stopped') && !name.endsWith('.jsonl')),
  )
})
