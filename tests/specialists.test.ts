/** From a file to an answer over the API: a specialist is made, imported, called by both SDKs, and accounted for. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Mistral } from '@mistralai/mistralai'
import OpenAI from 'openai'
import { apiClient } from './api-client.ts'
import { compareEvidence, differs, witness } from './compatibility/witness.ts'
import { type RunningProgram, runCommand, startProgram } from './running-program.ts'

let program: RunningProgram
const folder = mkdtempSync(join(tmpdir(), 'bastide-specialists-'))
const { ask } = apiClient(() => program)

const intents: Record<string, string[]> = {
  card: ['my card is lost', 'the card was stolen', 'I need a new card', 'card does not work'],
  loan: [
    'I want a loan',
    'how much interest on the loan',
    'pay the loan back',
    'a loan for a house',
  ],
  transfer: [
    'send money abroad',
    'the transfer is late',
    'cancel my transfer',
    'money was sent twice',
  ],
}
const labelled = Object.entries(intents).flatMap(([label, texts]) =>
  texts.flatMap((text) =>
    ['', 'please help: ', 'hello, ', 'urgent! '].map((before) => ({ text: before + text, label })),
  ),
)
const places = ['Lyon', 'Porto', 'Graz', 'Gent', 'Turin', 'Bonn', 'Vigo', 'Brno'].flatMap((town) =>
  ['We live in TOWN.', 'TOWN is far', 'the train to TOWN is late'].map((frame) => {
    const start = frame.indexOf('TOWN')
    return {
      text: frame.replace('TOWN', town),
      spans: [{ start, end: start + town.length, label: 'place' }],
    }
  }),
)

const products = Array.from({ length: 90 }, (_, at) => {
  const other = at % 3 === 0 ? at : at + 17
  return {
    left: { title: `Lamp L${100 + at}` },
    right: { title: `lamp, white, L-${100 + other}` },
    label: at % 3 === 0 ? 1 : 0,
  }
})

async function make(task: string, name: string, rows: readonly object[]) {
  const data = join(folder, `${name}.jsonl`)
  writeFileSync(data, rows.map((row) => JSON.stringify(row)).join('\n'))
  const made = await runCommand([
    'forge',
    'train',
    '--task',
    task,
    '--name',
    name,
    '--data',
    data,
    '--to',
    folder,
    '--json',
    '--budget-s',
    '1',
  ])
  assert.equal(made.code, 0, made.errors)
  const imported = await program.command('model', 'import', join(folder, name), '--alias', name)
  assert.equal(imported.code, 0, imported.errors)
  return JSON.parse(made.output.trim().split('\n').at(-1)!)
}

before(async () => {
  program = await startProgram()
  const made = await make('classify', 'intents', labelled)
  assert.ok(made.cpuSeconds > 0 && made.joules > 0 && made.parameters > 0)
  await make('tag', 'places', places)
  await make('match', 'products', products)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
  compareEvidence(import.meta.url)
})

describe('@mistralai/mistralai', () => {
  let mistral: Mistral
  before(() => {
    mistral = witness('mistral', new Mistral({ apiKey: program.key, serverURL: program.url }))
  })

  test('classifies one text and several', async () => {
    const one = await mistral.classifiers.classify({
      model: 'intents',
      inputs: 'my card was stolen',
    })
    const scores = one.results[0]!.label!.scores
    assert.deepEqual(Object.keys(scores).sort(), ['card', 'loan', 'transfer'])
    assert.ok(scores.card! > 0.6, JSON.stringify(scores))
    const total = Object.values(scores).reduce((sum, score) => sum + score, 0)
    assert.ok(Math.abs(total - 1) < 1e-6)
    const several = await mistral.classifiers.classify({
      model: 'intents',
      inputs: ['a loan please', 'where is my transfer'],
    })
    const best = several.results.map(
      ({ label }) => Object.entries(label!.scores).sort((a, b) => b[1] - a[1])[0]![0],
    )
    assert.deepEqual(best, ['loan', 'transfer'])
    differs('mistral', 'classifiers.classify', 'A model here has one target, named label.')
  })

  test('moderates', async () => {
    const answer = await mistral.classifiers.moderate({
      model: 'intents',
      inputs: ['my card is lost'],
    })
    assert.equal(answer.results[0]!.categories!.card, true)
    assert.equal(answer.results[0]!.categories!.loan, false)
    assert.ok(answer.results[0]!.categoryScores!.card! > 0.5)
    differs(
      'mistral',
      'classifiers.moderate',
      'The categories are the labels of your own specialist.',
    )
  })
})

test('the openai package moderates', async () => {
  const openai = witness(
    'openai',
    new OpenAI({ apiKey: program.key, baseURL: `${program.url}/v1`, maxRetries: 0 }),
  )
  const answer = await openai.moderations.create({ model: 'intents', input: 'pay my loan back' })
  const [result] = answer.results
  assert.equal(result!.flagged, true)
  assert.equal((result!.categories as unknown as Record<string, boolean>).loan, true)
  differs(
    'openai',
    'moderations.create',
    'The categories are the labels of your own specialist; texts only.',
  )
})

test('a specialist says all it knows, in its own form', async () => {
  const { status, body } = await ask('POST', '/v1/specialists/intents', {
    input: ['stolen card', 'zzz qqq xxx'],
  })
  assert.equal(status, 200)
  assert.deepEqual(
    [body.task, body.results[0].label, body.results[0].unknown],
    ['classify', 'card', false],
  )
  assert.deepEqual([body.results[1].label, body.results[1].unknown], [null, true])
  assert.ok(body.usage.prompt_tokens === 5 && body.bastide.joules > 0 && body.bastide.call_id)
  const spans = await ask('POST', '/v1/specialists/places', {
    input: 'They moved to Oslo. We live in Bonn.',
  })
  assert.equal(spans.status, 200)
  const found = spans.body.results[0].spans
  assert.ok(
    found.some(
      (span: { text: string; label: string; start: number }) =>
        span.text === 'Bonn' && span.label === 'place' && span.start === 31,
    ),
    JSON.stringify(found),
  )
})

test('a matcher takes pairs of records', async () => {
  const left = { title: 'Lamp L250' }
  const input = [
    { left, right: { title: 'lamp, white, L-250' } },
    { left, right: { title: 'lamp, white, L-267' } },
  ]
  const { status, body } = await ask('POST', '/v1/specialists/products', { input })
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(
    body.results.map(({ match }: { match: boolean }) => match),
    [true, false],
  )
  assert.equal(body.results[0].evidence[0].field, 'title')
  for (const [alias, wrong] of [
    ['products', 'a text'],
    ['intents', input],
  ] as const) {
    const refused = await ask('POST', `/v1/specialists/${alias}`, { input: wrong })
    assert.equal(refused.status, 400, JSON.stringify(refused.body))
  }
})

test('what it did is in usage and in the audit chain', async () => {
  const usage = await ask('GET', '/v1/usage?group_by=model')
  const entries = JSON.stringify(usage.body)
  assert.match(entries, /intents/)
  const { body } = await ask('GET', '/v1/audit?limit=50')
  const calls = body.data.filter(
    (record: { details?: { task?: string } }) => record.details?.task === 'classify',
  )
  assert.ok(calls.length > 0)
  assert.ok(calls.every((record: { details: { joules: number } }) => record.details.joules > 0))
})

test('the package says what it is and what it was made of', async () => {
  const { body } = await ask('GET', '/v1/packages')
  const own = body.data.find((one: { name: string }) => one.name === 'intents')
  assert.deepEqual([own.engine, own.task], ['onnx', 'classify'])
  assert.match(own.card.purpose, /card, loan, transfer/)
  assert.match(own.card.training_data, /48 rows/i)
  assert.match(own.card.limits, /accuracy/)
})

for (const [what, method, path, body, status] of [
  ['no model of that name', 'POST', '/v1/classifications', { model: 'nobody', input: 'a' }, 404],
  ['no text', 'POST', '/v1/classifications', { model: 'intents', input: [] }, 400],
  ['a number as text', 'POST', '/v1/classifications', { model: 'intents', input: 3 }, 400],
  [
    'spans asked of a classifier by its label',
    'POST',
    '/v1/classifications',
    { model: 'places', input: 'a' },
    400,
  ],
  ['a model that is no specialist', 'POST', '/v1/specialists/reader', { input: 'a' }, 400],
  [
    'a chat with a specialist',
    'POST',
    '/v1/chat/completions',
    { model: 'intents', messages: [{ role: 'user', content: 'a' }] },
    400,
  ],
  [
    'more text than is answered at once',
    'POST',
    '/v1/specialists/intents',
    { input: ['x'.repeat(4_000_001)] },
    413,
  ],
] as const) {
  test(`${what} is refused with ${status}`, async () => {
    const answer = await ask(method, path, body)
    assert.equal(answer.status, status, JSON.stringify(answer.body))
  })
}

test('a package whose file was changed is not imported', async () => {
  const path = join(folder, 'intents', 'vocabulary.bin')
  const bytes = readFileSync(path)
  bytes[40]! ^= 1
  writeFileSync(path, bytes)
  const { code, errors } = await program.command('model', 'import', join(folder, 'intents'))
  assert.notEqual(code, 0)
  assert.match(errors, /vocabulary\.bin is not the file/)
})
