/** Spans: the chain's sums against all ways counted one by one, notations, and a tagger from file to answers. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { chainSums, tagShare } from '../../models/specialist/chain.ts'
import { bestTags, mayFollow, spansOf, tagCount } from '../../models/specialist/viterbi.ts'
import { parseTable } from '../data/table.ts'
import { makeSpecialist } from '../make.ts'
import { openFor } from '../open.ts'
import { createRandom } from '../random.ts'
import { evaluateSpans } from './evaluate.ts'
import { readTagged } from './examples.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-tag-'))
after(() => rmSync(folder, { recursive: true }))

/** Every row of tags that the rules allow. */
function allPaths(length: number, tags: number): number[][] {
  if (length === 0) return [[]]
  return allPaths(length - 1, tags).flatMap((path) =>
    Array.from({ length: tags }, (_, tag) => tag)
      .filter((tag) => mayFollow(path.at(-1), tag))
      .map((tag) => [...path, tag]),
  )
}

test('the best path and the sums are those of all paths', () => {
  const random = createRandom(2)
  const tags = tagCount(2)
  for (let round = 0; round < 20; round++) {
    const length = 1 + random.below(4)
    const scores = Float32Array.from({ length: length * tags }, () => random.normal() * 2)
    const transitions = Float32Array.from({ length: tags * tags }, () => random.normal())
    const paths = allPaths(length, tags).map((path) => ({
      path,
      score: path.reduce(
        (sum, tag, at) =>
          sum + scores[at * tags + tag]! + (at > 0 ? transitions[path[at - 1]! * tags + tag]! : 0),
        0,
      ),
    }))
    const best = paths.reduce((a, b) => (b.score > a.score ? b : a))
    assert.deepEqual([...bestTags(scores, transitions, tags)], best.path)
    const sums = chainSums(scores, transitions, tags)
    const total = Math.log(paths.reduce((sum, { score }) => sum + Math.exp(score), 0))
    assert.ok(Math.abs(sums.total - total) < 1e-5)
    for (let at = 0; at < length; at++) {
      for (let tag = 0; tag < tags; tag++) {
        const having = paths.filter(({ path }) => path[at] === tag)
        const share = having.reduce((sum, { score }) => sum + Math.exp(score - total), 0)
        assert.ok(Math.abs(tagShare(sums, at * tags + tag) - share) < 1e-5)
      }
    }
  }
})

test('the same spans in every notation', async () => {
  const spans = {
    text: 'Ann Lee, of Paris.',
    spans: [
      { start: 0, end: 7, label: 'PER' },
      { start: 12, end: 17, label: 'LOC' },
    ],
  }
  const conll = (tags: string[]) =>
    ['Ann', 'Lee', ',', 'of', 'Paris', '.'].map((word, at) => `${word} ${tags[at]}`).join('\n')
  const words = {
    tokens: ['Ann', 'Lee', ',', 'of', 'Paris', '.'],
    tags: ['B-PER', 'I-PER', 'O', 'O', 'B-LOC', 'O'],
  }
  for (const content of [
    JSON.stringify(spans),
    JSON.stringify(words),
    conll(words.tags),
    conll(['I-PER', 'I-PER', 'O', 'O', 'I-LOC', 'O']),
    `-DOCSTART- -X- O O\n\n${conll(['B-PER', 'I-PER', 'O', 'O', 'B-LOC', 'O'])}\n\n`,
  ]) {
    const { examples, labels } = readTagged(await parseTable(Buffer.from(content), 'a'), {})
    assert.deepEqual(labels, ['LOC', 'PER'])
    assert.deepEqual(spansOf(examples[0]!.tags), [
      { start: 0, end: 2, label: 1 },
      { start: 4, end: 5, label: 0 },
    ])
  }
  const uneven = JSON.stringify({ ...spans, spans: [{ start: 1, end: 7, label: 'PER' }] })
  assert.match(
    readTagged(await parseTable(Buffer.from(uneven), 'a'), {}).notes.join(),
    /inside a word/,
  )
})

test('a span counts when its ends and its label are right', () => {
  const right = Int32Array.of(1, 2, 0, 3, 0, 1)
  const given = Int32Array.of(1, 2, 0, 1, 0, 1)
  const { f1, precision, recall, perLabel } = evaluateSpans([{ right, given }], ['a', 'b'])
  assert.deepEqual(
    [f1.value, precision, recall].map((x) => x.toFixed(4)),
    ['0.6667', '0.6667', '0.6667'],
  )
  assert.deepEqual(
    perLabel.map((one) => one.support),
    [2, 1],
  )
})

const towns = ['Lyon', 'Porto', 'Graz', 'Gent', 'Turin', 'Bonn', 'Lille', 'Delft', 'Vigo', 'Brno']
const names = ['Ann', 'Bea', 'Carl', 'Dirk', 'Eva', 'Finn', 'Gus', 'Hana', 'Ivo', 'Jan']
const frames = [
  'Please send NAME to TOWN.',
  'NAME lives in TOWN',
  'The train to TOWN left without NAME',
  'No news today',
]

function sentences(count: number, seed: number, from: number) {
  const random = createRandom(seed)
  const pick = (list: string[]) => list[from + random.below(list.length - from)]!
  return Array.from({ length: count }, () => {
    const spans: { start: number; end: number; label: string }[] = []
    let text = ''
    for (const piece of frames[random.below(frames.length)]!.split(/(NAME|TOWN)/)) {
      const word = piece === 'NAME' ? pick(names) : piece === 'TOWN' ? pick(towns) : piece
      if (word !== piece)
        spans.push({ start: text.length, end: text.length + word.length, label: piece })
      text += word
    }
    return { text, spans }
  })
}

test('a tagger is made, measured and finds what it has never seen in its place', async () => {
  const write = (name: string, rows: readonly object[]) => {
    const path = join(folder, name)
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
    return path
  }
  const made = await makeSpecialist({
    name: 'places',
    task: 'tag',
    folder: join(folder, 'places'),
    data: write('train.jsonl', sentences(300, 1, 3)),
    test: write('test.jsonl', sentences(100, 2, 0)),
    columns: {},
    budgetSeconds: 1,
    seed: 1,
    progress: () => {},
  })
  const measured = made.evaluation.test!
  assert.ok(measured.kind === 'spans' && measured.f1.value > 0.95, JSON.stringify(measured))
  const { specialist, close } = await openFor(join(folder, 'places'), 'tag')
  const [spans, none] = await specialist.tagger.tag(['Please send Lyon to Ann.', ''])
  assert.deepEqual(
    spans!.map(({ start, end, label, text }) => ({ start, end, label, text })),
    [
      { start: 12, end: 16, label: 'NAME', text: 'Lyon' },
      { start: 20, end: 23, label: 'TOWN', text: 'Ann' },
    ],
  )
  assert.ok(spans!.every(({ probability }) => probability > 0 && probability <= 1))
  assert.deepEqual(none, [])
  await close()
})

for (const [what, content, why] of [
  ['no span', JSON.stringify({ text: 'a', spans: [] }), /no row has a span/],
  [
    'a span the wrong way round',
    JSON.stringify({ text: 'ab', spans: [{ start: 2, end: 1, label: 'x' }] }),
    /start before end/,
  ],
  [
    'fewer tags than words',
    JSON.stringify({ tokens: ['a', 'b'], tags: ['O'] }),
    /2 words and 1 tags/,
  ],
  ['no text', JSON.stringify({ spans: [] }), /no text/],
] as const) {
  test(`data with ${what} is refused`, async () => {
    const table = await parseTable(Buffer.from(content), 'a')
    assert.throws(() => readTagged(table, {}), why)
  })
}
