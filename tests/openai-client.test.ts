/** The official `openai` package, unchanged, against the real program. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { compareEvidence, witness } from './compatibility/witness.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
let openai: OpenAI

/** What keeps random weights from ending early or late: greedy, and a fixed seed. */
const fixed = { temperature: 0, seed: 7 } as const
const messages = [{ role: 'user' as const, content: 'Hello' }]

before(async () => {
  program = await startProgram()
  const options = { apiKey: program.key, baseURL: `${program.url}/v1`, maxRetries: 0 }
  openai = witness('openai', new OpenAI(options))
  await importTinyModels(program)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  compareEvidence(import.meta.url)
})

const asJsonLines = (bodies: object[], url: string) =>
  bodies
    .map((body, index) => JSON.stringify({ custom_id: `line-${index}`, method: 'POST', url, body }))
    .join('\n')

type Endpoint = OpenAI.Batches.BatchCreateParams['endpoint']

/** Uploads the lines and starts a batch over them. */
async function startBatch(endpoint: string, lines: string) {
  const input = await openai.files.create({
    file: new File([lines], 'in.jsonl'),
    purpose: 'batch',
  })
  return openai.batches.create({
    input_file_id: input.id,
    endpoint: endpoint as Endpoint,
    completion_window: '24h',
    metadata: { reason: 'test' },
  })
}

async function runBatch(endpoint: string, bodies: object[]) {
  const started = await startBatch(endpoint, asJsonLines(bodies, endpoint))
  return waitForBatch(started.id)
}

async function waitForBatch(id: string): Promise<OpenAI.Batches.Batch> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const batch = await openai.batches.retrieve(id)
    if (['completed', 'failed', 'cancelled'].includes(batch.status)) return batch
    await new Promise((resume) => setTimeout(resume, 100))
  }
  throw new Error(`batch ${id} did not end`)
}

async function outputOf(batch: OpenAI.Batches.Batch) {
  const text = await (await openai.files.content(batch.output_file_id!)).text()
  type Line = {
    custom_id: string
    response: { status_code: number; body: Record<string, unknown> }
  }
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

describe('chat', () => {
  test('lists and retrieves models', async () => {
    const ids = (await openai.models.list()).data.map((model) => model.id)
    assert.deepEqual(ids.sort(), ['reader', 'tiny', 'tiny-embed'])
    assert.equal((await openai.models.retrieve('tiny')).id, 'tiny')
    await assert.rejects(openai.models.retrieve('nope'), OpenAI.NotFoundError)
  })

  test('the same seed gives the same answer, also below /openai/v1', async () => {
    const other = new OpenAI({ apiKey: program.key, baseURL: `${program.url}/openai/v1` })
    const ask = (client: OpenAI) =>
      client.chat.completions.create({
        model: 'tiny',
        messages,
        max_completion_tokens: 12,
        ...fixed,
        user: 'somebody',
        store: false,
      })
    // Once beforehand, so that both find the prompt evaluated: a prompt evaluated in another batch has
    // logits that differ in the last digits, and random weights have near ties.
    await ask(openai)
    const [first, second] = [await ask(openai), await ask(other)]
    assert.equal(first.choices[0]!.message.content, second.choices[0]!.message.content)
    assert.ok(first.usage!.completion_tokens <= 12)
  })

  test('streams, with usage when asked for', async () => {
    const stream = await openai.chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 10,
      ...fixed,
      stream: true,
      stream_options: { include_usage: true },
    })
    let [text, finish]: [string, string | null | undefined] = ['', null]
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      usage = chunk.usage ?? usage
      finish = chunk.choices[0]?.finish_reason ?? finish
      text += chunk.choices[0]?.delta.content ?? ''
    }
    const whole = await openai.chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 10,
      ...fixed,
    })
    assert.equal(text, whole.choices[0]!.message.content)
    assert.equal(usage!.completion_tokens, whole.usage!.completion_tokens)
    assert.equal(finish, whole.choices[0]!.finish_reason)
  })

  test('n choices differ by their seed, and stop sequences end them', async () => {
    const answer = await openai.chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 20,
      n: 3,
      seed: 3,
      temperature: 1.5,
    })
    assert.equal(answer.choices.length, 3)
    assert.ok(new Set(answer.choices.map((choice) => choice.message.content)).size > 1)
    const text = answer.choices[0]!.message.content!
    const stop = text.slice(4, 6)
    const stopped = await openai.chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 20,
      seed: 3,
      temperature: 1.5,
      stop: [stop],
    })
    assert.equal(stopped.choices[0]!.finish_reason, 'stop')
    assert.ok(!stopped.choices[0]!.message.content!.includes(stop))
  })

  test('log-probabilities are those of the tokens, with alternatives', async () => {
    const answer = await openai.chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 4,
      ...fixed,
      logprobs: true,
      top_logprobs: 3,
    })
    const content = answer.choices[0]!.logprobs!.content!
    assert.equal(content.length, answer.usage!.completion_tokens)
    for (const token of content) {
      assert.ok(token.logprob <= 0 && token.top_logprobs.length === 3)
      // Greedy: the chosen token is the likeliest.
      assert.equal(token.top_logprobs[0]!.token, token.token)
    }
  })

  test('JSON: an object, a schema, and a parsed answer', async () => {
    const object = await openai.chat.completions.create({
      model: 'tiny',
      messages,
      response_format: { type: 'json_object' },
      max_tokens: 300,
      seed: 5,
    })
    if (object.choices[0]!.finish_reason === 'stop') JSON.parse(object.choices[0]!.message.content!)
    const shape = z.object({ colour: z.enum(['red', 'green']), size: z.boolean() })
    const parsed = await openai.chat.completions.parse({
      model: 'tiny',
      messages,
      response_format: zodResponseFormat(shape, 'thing'),
      max_tokens: 200,
      seed: 1,
    })
    assert.ok(['red', 'green'].includes(parsed.choices[0]!.message.parsed!.colour))
  })
})

describe('tools', () => {
  const tools: OpenAI.ChatCompletionFunctionTool[] = [
    {
      type: 'function',
      function: {
        name: 'weather',
        description: 'The weather of a city',
        parameters: {
          type: 'object',
          properties: { city: { enum: ['Albi', 'Toulouse'] } },
          required: ['city'],
          additionalProperties: false,
        },
      },
    },
  ]

  for (const choice of ['required', { type: 'function', function: { name: 'weather' } }] as const) {
    test(`tool_choice ${JSON.stringify(choice)} yields a call with valid arguments`, async () => {
      const answer = await openai.chat.completions.create({
        model: 'tiny',
        messages,
        tools,
        tool_choice: choice,
        parallel_tool_calls: false,
        max_tokens: 200,
        seed: 2,
      })
      assert.equal(answer.choices[0]!.finish_reason, 'tool_calls')
      const [call] = answer.choices[0]!.message.tool_calls!
      assert.ok(call?.type === 'function' && call.function.name === 'weather')
      assert.ok(['Albi', 'Toulouse'].includes(JSON.parse(call.function.arguments).city))
      const next = await openai.chat.completions.create({
        model: 'tiny',
        messages: [
          ...messages,
          { role: 'assistant', content: null, tool_calls: [call] },
          { role: 'tool', tool_call_id: call.id, content: 'sunny' },
        ],
        tools,
        max_tokens: 5,
      })
      assert.equal(next.choices.length, 1)
    })
  }

  test('calls stream with their index and end with their finish', async () => {
    const stream = openai.chat.completions.stream({
      model: 'tiny',
      messages,
      tools,
      tool_choice: 'required',
      parallel_tool_calls: false,
      max_tokens: 200,
      seed: 4,
    })
    const final = await stream.finalChatCompletion()
    assert.equal(final.choices[0]!.finish_reason, 'tool_calls')
    assert.equal(final.choices[0]!.message.tool_calls!.length, 1)
  })
})

describe('completions and embeddings', () => {
  test('completes texts, several at once, with log-probabilities, and as a stream', async () => {
    const answer = await openai.completions.create({
      model: 'tiny',
      prompt: ['Once', 'Twice'],
      max_tokens: 5,
      ...fixed,
      logprobs: 2,
    })
    assert.deepEqual(
      answer.choices.map((choice) => choice.index),
      [0, 1],
    )
    const { tokens, token_logprobs } = answer.choices[0]!.logprobs!
    assert.equal(tokens!.length, token_logprobs!.length)
    const request = { model: 'tiny', prompt: 'Once', max_tokens: 5, ...fixed }
    // Once beforehand, so that both find the prompt evaluated: a prompt evaluated in another batch has
    // logits that differ in the last digits, and random weights have near ties.
    await openai.completions.create(request)
    const whole = await openai.completions.create(request)
    let text = ''
    for await (const chunk of await openai.completions.create({ ...request, stream: true })) {
      text += chunk.choices[0]?.text ?? ''
    }
    assert.equal(text, whole.choices[0]!.text)
  })

  test('embeds, as base64 (the client asks so by itself) and as numbers, cut to a size', async () => {
    const input = ['one', 'two']
    const encoded = await openai.embeddings.create({ model: 'tiny-embed', input })
    const plain = await openai.embeddings.create({
      model: 'tiny-embed',
      input,
      encoding_format: 'float',
    })
    assert.equal(encoded.data.length, 2)
    assert.equal(encoded.data[0]!.embedding.length, plain.data[0]!.embedding.length)
    const cut = await openai.embeddings.create({
      model: 'tiny-embed',
      input: 'one',
      dimensions: 16,
      encoding_format: 'float',
    })
    const vector = cut.data[0]!.embedding
    assert.equal(vector.length, 16)
    assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-3)
  })
})

describe('files and batches', () => {
  test('files come, are listed in pages, and go', async () => {
    const ids: string[] = []
    for (let index = 0; index < 3; index++) {
      const file = new File([`hello ${index}`], `hello-${index}.txt`)
      ids.push((await openai.files.create({ file, purpose: 'user_data' })).id)
    }
    assert.equal((await openai.files.retrieve(ids[0]!)).filename, 'hello-0.txt')
    const seen: string[] = []
    for await (const file of openai.files.list({ purpose: 'user_data', limit: 2 }))
      seen.push(file.id)
    assert.deepEqual(seen.sort(), ids.sort())
    assert.match(await (await openai.files.content(ids[1]!)).text(), /^hello/)
    for (const id of ids) assert.equal((await openai.files.delete(id)).deleted, true)
    await assert.rejects(openai.files.retrieve(ids[0]!), OpenAI.NotFoundError)
  })

  test('a bad line fails alone', async () => {
    const input = [
      asJsonLines([{ model: 'tiny', messages, max_tokens: 3 }], '/v1/chat/completions'),
      asJsonLines([{ model: 'nope', messages }], '/v1/chat/completions'),
      'not json',
    ].join('\n')
    const started = await startBatch('/v1/chat/completions', input)
    const batch = await waitForBatch(started.id)
    const errors = await (await openai.files.content(batch.error_file_id!)).text()
    assert.deepEqual(batch.request_counts, { total: 3, completed: 1, failed: 2 }, errors)
    assert.equal(errors.trim().split('\n').length, 2)
    assert.equal((await outputOf(batch)).length, 1)
    const listed = await openai.batches.list({ limit: 100 })
    assert.ok(listed.data.some((one) => one.id === batch.id))
  })

  const png =
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
  const bodies: Record<string, object> = {
    '/v1/chat/completions': { model: 'tiny', messages, max_tokens: 3 },
    '/v1/responses': { model: 'tiny', input: 'a', max_output_tokens: 3 },
    '/v1/completions': { model: 'tiny', prompt: ['a', 'b'], max_tokens: 3 },
    '/v1/embeddings': { model: 'tiny-embed', input: ['a', 'b'] },
    '/v1/fim/completions': { model: 'tiny', prompt: 'a', suffix: 'b', max_tokens: 3 },
    '/v1/ocr': { model: 'reader', document: { type: 'image_url', image_url: png } },
  }
  for (const [endpoint, body] of Object.entries(bodies)) {
    test(`a batch over ${endpoint} answers each line`, async () => {
      const batch = await runBatch(endpoint, [body, body])
      assert.deepEqual(batch.request_counts, { total: 2, completed: 2, failed: 0 })
      const lines = await outputOf(batch)
      assert.deepEqual(lines.map((line) => line.custom_id).sort(), ['line-0', 'line-1'])
      for (const { response } of lines) {
        const { choices, data, pages, output } = response.body
        assert.equal(response.status_code, 200)
        assert.ok(
          [choices, data, pages, output].some((list) => Array.isArray(list) && list.length > 0),
        )
      }
    })
  }

  test('an answer of a batch is kept, and gone on from within another', async () => {
    const create = { model: 'tiny', max_output_tokens: 3 }
    const told = { ...create, input: 'My name is Ada.' }
    const bodies = [told, { ...told, store: false }, { ...told, background: true }]
    const batch = await runBatch('/v1/responses', bodies)
    assert.deepEqual(batch.request_counts, { total: 3, completed: 2, failed: 1 })
    const [first, second] = await outputOf(batch)
    const answer = first!.response.body as unknown as OpenAI.Responses.Response
    assert.ok(answer.usage!.output_tokens > 0)
    const kept = await openai.responses.retrieve(answer.id)
    assert.deepEqual(kept.output, answer.output)
    await assert.rejects(
      openai.responses.retrieve(String(second!.response.body.id)),
      OpenAI.NotFoundError,
    )
    const next = { ...create, input: 'And mine?', previous_response_id: answer.id }
    const [line] = await outputOf(await runBatch('/v1/responses', [next]))
    const items = await openai.responses.inputItems.list(String(line!.response.body.id))
    assert.equal(items.data.length, 3)
  })

  test('a cancelled batch keeps what was answered', async () => {
    const body = { model: 'tiny', messages, max_tokens: 400, temperature: 0 }
    const lines = asJsonLines(
      Array.from({ length: 400 }, () => body),
      '/v1/chat/completions',
    )
    const started = await startBatch('/v1/chat/completions', lines)
    for (let done = 0; done < 2; ) {
      done = (await openai.batches.retrieve(started.id)).request_counts!.completed
    }
    await openai.batches.cancel(started.id)
    const batch = await waitForBatch(started.id)
    assert.equal(batch.status, 'cancelled')
    assert.ok((await outputOf(batch)).length >= 2)
  })
})

describe('errors', () => {
  test('each kind is the class the client has for it', async () => {
    const stranger = new OpenAI({
      apiKey: 'bst_wrong',
      baseURL: `${program.url}/v1`,
      maxRetries: 0,
    })
    await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError)
    await assert.rejects(
      openai.chat.completions.create({ model: 'nope', messages }),
      (error: InstanceType<typeof OpenAI.APIError>) =>
        error instanceof OpenAI.NotFoundError && error.code === 'not_found',
    )
    await assert.rejects(
      openai.chat.completions.create({ model: 'tiny', messages, temperature: 99 }),
      (error: InstanceType<typeof OpenAI.APIError>) =>
        error instanceof OpenAI.BadRequestError && error.param === 'temperature',
    )
    const picture = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } }
    await assert.rejects(
      openai.chat.completions.create({
        model: 'tiny',
        messages: [{ role: 'user', content: [picture] }],
      }),
      (error: InstanceType<typeof OpenAI.APIError>) => error.status! >= 400 && error.status! < 502,
    )
  })

  test('a limit says when to come back', async () => {
    const send = (path: string, body: object) =>
      fetch(new URL(path, program.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${program.key}` },
        body: JSON.stringify(body),
      })
    const made = (await (await send('/v1/keys', { name: 'one' })).json()) as {
      id: string
      key: string
    }
    const subject = { subject_kind: 'key', subject_id: made.id }
    await send('/v1/limits', { ...subject, metric: 'requests', window: 'hour', amount: 1 })
    const limited = new OpenAI({ apiKey: made.key, baseURL: `${program.url}/v1`, maxRetries: 0 })
    const ask = () => limited.chat.completions.create({ model: 'tiny', messages, max_tokens: 1 })
    await ask()
    await assert.rejects(ask(), (error: InstanceType<typeof OpenAI.APIError>) => {
      assert.ok(error instanceof OpenAI.RateLimitError)
      assert.ok(Number(error.headers?.get('retry-after')) > 0)
      return true
    })
  })

  test('a stream that is aborted ends its call and is booked as cancelled', async () => {
    const stream = await openai.chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 1_500,
      temperature: 0,
      stream: true,
    })
    let chunks = 0
    for await (const _chunk of stream) if (++chunks === 3) stream.controller.abort()
    type Overview = { requests: { live: unknown[] } }
    const overview = async () => {
      const headers = { authorization: `Bearer ${program.key}` }
      return (await (
        await fetch(new URL('/v1/overview', program.url), { headers })
      ).json()) as Overview
    }
    for (let attempt = 0; (await overview()).requests.live.length > 0; attempt++) {
      assert.ok(attempt < 50, 'the call still runs')
      await new Promise((resume) => setTimeout(resume, 100))
    }
  })
})
