/** The Responses API as the official `openai` package uses it, against the real program. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import OpenAI from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { compareEvidence, differs, witness } from './compatibility/witness.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
let openai: OpenAI

const tools: OpenAI.Responses.Tool[] = [
  {
    type: 'function',
    name: 'weather',
    description: 'The weather of a place',
    strict: true,
    parameters: {
      type: 'object',
      properties: { place: { type: 'string', enum: ['Paris', 'Bonn'] } },
      required: ['place'],
      additionalProperties: false,
    },
  },
]
const short = { model: 'tiny', max_output_tokens: 8, temperature: 0 } as const

before(async () => {
  program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
  const options = { apiKey: program.key, baseURL: `${program.url}/v1`, maxRetries: 0 }
  openai = witness('openai', new OpenAI(options))
  await importTinyModels(program)
})
after(async () => {
  await program?.[Symbol.asyncDispose]()
  compareEvidence(import.meta.url)
})

test('answers a text, with usage, and keeps the answer', async () => {
  const response = await openai.responses.create({ ...short, input: 'Hello', metadata: { a: 'b' } })
  assert.match(response.id, /^resp_/)
  assert.ok(['completed', 'incomplete'].includes(response.status!))
  if (response.status === 'incomplete') {
    assert.equal(response.incomplete_details?.reason, 'max_output_tokens')
  }
  const { usage } = response
  assert.ok(usage!.input_tokens > 0 && usage!.output_tokens > 0)
  assert.equal(usage!.total_tokens, usage!.input_tokens + usage!.output_tokens)
  const kept = await openai.responses.retrieve(response.id)
  assert.equal(kept.output_text, response.output_text)
  assert.deepEqual(kept.metadata, { a: 'b' })
  const items = await openai.responses.inputItems.list(response.id)
  assert.equal(items.data.length, 1)
  assert.deepEqual((items.data[0] as { content: unknown }).content, [
    { type: 'input_text', text: 'Hello' },
  ])
  await openai.responses.delete(response.id)
  await assert.rejects(openai.responses.retrieve(response.id), OpenAI.NotFoundError)
})

test('streams events that the client puts together into the same answer', async () => {
  const whole = await openai.responses.create({
    ...short,
    input: 'Hello',
    instructions: 'Be short.',
  })
  const stream = openai.responses.stream({ ...short, input: 'Hello', instructions: 'Be short.' })
  const types: string[] = []
  let said = ''
  const numbers: number[] = []
  for await (const event of stream) {
    types.push(event.type)
    numbers.push(event.sequence_number)
    if (event.type === 'response.output_text.delta') said += event.delta
  }
  const final = await stream.finalResponse()
  assert.equal(final.output_text, whole.output_text)
  assert.equal(said, whole.output_text)
  assert.deepEqual(types.slice(0, 2), ['response.created', 'response.in_progress'])
  assert.equal(types.at(-1), `response.${final.status}`)
  assert.deepEqual(
    numbers,
    [...numbers].sort((one, other) => one - other),
  )
  assert.equal((await openai.responses.retrieve(final.id)).output_text, whole.output_text)
})

test('goes on from a kept answer: what was said before is read again', async () => {
  const first = await openai.responses.create({ ...short, input: 'My name is Ada.' })
  const alone = await openai.responses.create({ ...short, input: 'And mine?' })
  const next = await openai.responses.create({
    ...short,
    input: 'And mine?',
    previous_response_id: first.id,
  })
  assert.ok(next.usage!.input_tokens > alone.usage!.input_tokens + first.usage!.output_tokens)
  const items = await openai.responses.inputItems.list(next.id, { order: 'asc' })
  assert.deepEqual(
    items.data.map((item) => (item as { role?: string }).role),
    ['user', 'assistant', 'user'],
  )
  const one = await openai.responses.inputItems.list(next.id, { order: 'asc', limit: 1 })
  assert.equal(one.data[0]?.id, items.data[0]?.id)
  assert.ok(one.hasNextPage())
})

test('calls a function, streamed or not, and takes its output', async () => {
  const request = {
    model: 'tiny',
    input: 'Weather in Paris?',
    tools,
    tool_choice: 'required',
  } as const
  const whole = await openai.responses.create({ ...request, temperature: 0 })
  const call = whole.output.find((item) => item.type === 'function_call')
  assert.equal(call?.name, 'weather')
  assert.ok(['Paris', 'Bonn'].includes(JSON.parse(call!.arguments).place))
  const stream = openai.responses.stream({ ...request, temperature: 0 })
  const final = await stream.finalResponse()
  const streamed = final.output.find((item) => item.type === 'function_call')
  assert.equal(streamed?.arguments, call?.arguments)
  const next = await openai.responses.create({
    ...short,
    previous_response_id: whole.id,
    tools,
    input: [{ type: 'function_call_output', call_id: call!.call_id, output: 'Sun.' }],
  })
  assert.ok(next.usage!.output_tokens > 0)
})

test('answers in the shape of a schema', async () => {
  const Verdict = z.object({ verdict: z.enum(['yes', 'no']) })
  const parsed = await openai.responses.parse({
    model: 'tiny',
    input: 'Is it so?',
    text: { format: zodTextFormat(Verdict, 'verdict') },
  })
  assert.ok(['yes', 'no'].includes(parsed.output_parsed!.verdict))
})

test('keeps nothing where it is told so', async () => {
  const response = await openai.responses.create({ ...short, input: 'Hello', store: false })
  await assert.rejects(openai.responses.retrieve(response.id), OpenAI.NotFoundError)
  await assert.rejects(
    openai.responses.create({ ...short, input: 'Go on', previous_response_id: response.id }),
    OpenAI.NotFoundError,
  )
})

test('what is not served is refused by name, and a model that is not there by its status', async () => {
  const how =
    'Background work, stored conversations, truncation, hosted tools and files as input are refused with 501.'
  differs('openai', 'responses.create', how)
  const refused = [
    { background: true },
    { conversation: 'conv_1' },
    { truncation: 'auto' },
    { tools: [{ type: 'web_search' }] },
    { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file_1' }] }] },
  ]
  for (const extra of refused) {
    const request = { ...short, input: 'a', ...extra } as OpenAI.Responses.ResponseCreateParams
    await assert.rejects(
      openai.responses.create(request),
      (error: InstanceType<typeof OpenAI.APIError>) => {
        assert.equal(error.status, 501, JSON.stringify(extra))
        return true
      },
    )
  }
  for (const stream of [true, false]) {
    await assert.rejects(
      openai.responses.create({ model: 'nope', input: 'a', stream }),
      OpenAI.NotFoundError,
    )
  }
})

test('another workspace sees none of it', async () => {
  const response = await openai.responses.create({ ...short, input: 'Hello' })
  const made = await fetch(new URL('/v1/workspaces', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program.key}` },
    body: JSON.stringify({ name: 'other' }),
  })
  const { key } = (await made.json()) as { key: string }
  const other = new OpenAI({ apiKey: key, baseURL: `${program.url}/v1`, maxRetries: 0 })
  await assert.rejects(other.responses.retrieve(response.id), OpenAI.NotFoundError)
  await assert.rejects(other.responses.delete(response.id), OpenAI.NotFoundError)
  await assert.rejects(
    other.responses.create({ ...short, input: 'Go on', previous_response_id: response.id }),
    OpenAI.NotFoundError,
  )
  await openai.responses.retrieve(response.id)
})
