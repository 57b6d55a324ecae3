/**
 * The spine as its users meet it: the real program, the official SDKs, real engines. A model with
 * random weights is imported, called through both dialects, booked, limited and audited.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { Mistral } from '@mistralai/mistralai'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import sharp from 'sharp'
import { type RunningProgram, startProgram } from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

let program: RunningProgram
let openai: OpenAI
let mistral: Mistral

async function call<T>(method: string, path: string, body?: unknown, key = program.key) {
  const response = await fetch(new URL(path, program.url), {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: (text ? JSON.parse(text) : null) as T }
}

/** A page with a line of text, as a PNG. */
function renderPage(text: string): Promise<Buffer> {
  const svg = `<svg width="900" height="300" xmlns="http://www.w3.org/2000/svg">
    <rect width="100%" height="100%" fill="white"/>
    <text x="40" y="150" font-family="sans-serif" font-size="48">${text}</text></svg>`
  return sharp(Buffer.from(svg)).png().toBuffer()
}

before(async () => {
  program = await startProgram()
  openai = new OpenAI({ apiKey: program.key, baseURL: `${program.url}/v1`, maxRetries: 0 })
  mistral = new Mistral({ apiKey: program.key, serverURL: program.url })
  const imported = await program.command('model', 'import', await makeTinyLlama(), '--name', 'tiny')
  assert.equal(imported.code, 0, imported.errors)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
})

describe('the openai client', () => {
  test('lists models and chats, the same seed giving the same answer', async () => {
    const ids = (await openai.models.list()).data.map((model) => model.id)
    assert.deepEqual(ids.sort(), ['reader', 'tiny'])
    const ask = () =>
      openai.chat.completions.create({
        model: 'tiny',
        messages: [{ role: 'user', content: 'Hello' }],
        max_completion_tokens: 12,
        temperature: 0,
        seed: 7,
        user: 'somebody',
        store: false,
      })
    const [first, second] = [await ask(), await ask()]
    assert.equal(first.choices[0]!.message.content, second.choices[0]!.message.content)
    assert.equal(first.usage!.completion_tokens, 12)
    assert.equal(first.choices[0]!.finish_reason, 'length')
  })

  test('streams, with usage when asked for', async () => {
    const stream = await openai.chat.completions.create({
      model: 'tiny',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 10,
      stream: true,
      stream_options: { include_usage: true },
    })
    let usage: OpenAI.CompletionUsage | null | undefined
    let finish: string | null | undefined
    for await (const chunk of stream) {
      usage = chunk.usage ?? usage
      finish = chunk.choices[0]?.finish_reason ?? finish
    }
    assert.equal(usage!.completion_tokens, 10)
    assert.equal(finish, 'length')
  })

  test('gets valid JSON under a schema, even from random weights', async () => {
    const schema = {
      type: 'object',
      properties: { colour: { enum: ['red', 'green'] }, size: { type: 'boolean' } },
      required: ['colour', 'size'],
      additionalProperties: false,
    }
    const answer = await openai.chat.completions.create({
      model: 'tiny',
      messages: [{ role: 'user', content: 'Describe it' }],
      response_format: { type: 'json_schema', json_schema: { name: 'thing', schema } },
      max_tokens: 200,
      seed: 1,
    })
    const value = JSON.parse(answer.choices[0]!.message.content!)
    assert.ok(['red', 'green'].includes(value.colour))
    assert.equal(typeof value.size, 'boolean')
  })

  test('completes text, stores files, and sees clear errors', async () => {
    const completion = await openai.completions.create({
      model: 'tiny',
      prompt: 'Once',
      max_tokens: 5,
    })
    assert.equal(completion.usage!.completion_tokens, 5)
    await assert.rejects(
      openai.chat.completions.create({ model: 'nope', messages: [{ role: 'user', content: 'x' }] }),
      (error: InstanceType<typeof OpenAI.APIError>) =>
        error.status === 404 && error.code === 'not_found',
    )
    const file = await openai.files.create({
      file: new File(['hello'], 'hello.txt'),
      purpose: 'user_data',
    })
    assert.equal(await (await openai.files.content(file.id)).text(), 'hello')
    await openai.files.delete(file.id)
    await assert.rejects(openai.files.retrieve(file.id), /No file/)
  })

  test('runs a batch whose bad line fails alone', async () => {
    const line = (id: string, body: object) =>
      JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body })
    const messages = [{ role: 'user', content: 'Hi' }]
    const lines = [
      line('good', { model: 'tiny', messages, max_tokens: 3 }),
      line('bad', { model: 'nope', messages }),
      'not json',
    ]
    const input = await openai.files.create({
      file: new File([lines.join('\n')], 'in.jsonl'),
      purpose: 'batch',
    })
    let batch = await openai.batches.create({
      input_file_id: input.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    })
    for (let i = 0; i < 300 && !['completed', 'failed'].includes(batch.status); i++) {
      await new Promise((resume) => setTimeout(resume, 100))
      batch = await openai.batches.retrieve(batch.id)
    }
    assert.equal(batch.status, 'completed')
    const errors = batch.error_file_id
      ? await (await openai.files.content(batch.error_file_id)).text()
      : ''
    assert.deepEqual(batch.request_counts, { total: 3, completed: 1, failed: 2 }, errors)
    const output = await (await openai.files.content(batch.output_file_id!)).text()
    const answered = JSON.parse(output.trim())
    assert.equal(answered.custom_id, 'good')
    assert.equal(answered.response.body.choices.length, 1)
  })
})

describe('the mistral client', () => {
  test('chats and streams', async () => {
    const answer = await mistral.chat.complete({
      model: 'tiny',
      messages: [{ role: 'user', content: 'Bonjour' }],
      maxTokens: 6,
      randomSeed: 3,
      safePrompt: false,
    })
    assert.equal(answer.usage.completionTokens, 6)
    const stream = await mistral.chat.stream({
      model: 'tiny',
      messages: [{ role: 'user', content: 'Bonjour' }],
      maxTokens: 6,
    })
    let completionTokens: number | undefined
    for await (const { data } of stream) completionTokens = data.usage?.completionTokens
    assert.equal(completionTokens, 6)
  })

  test('reads a page', async () => {
    const image = await renderPage('Invoice number 4711')
    const answer = await mistral.ocr.process({
      model: 'reader',
      document: {
        type: 'image_url',
        imageUrl: `data:image/png;base64,${image.toString('base64')}`,
      },
    })
    assert.match(answer.pages[0]!.markdown, /Invoice number 4711/)
    assert.equal(answer.usageInfo.pagesProcessed, 1)
  })
})

test('the ai package generates and streams', async () => {
  const provider = createOpenAICompatible({
    name: 'bastide',
    apiKey: program.key,
    baseURL: `${program.url}/v1`,
    includeUsage: true,
  })
  const { usage } = await generateText({
    model: provider('tiny'),
    prompt: 'Hello',
    maxOutputTokens: 5,
  })
  assert.equal(usage.outputTokens, 5)
  const streamed = streamText({ model: provider('tiny'), prompt: 'Hello', maxOutputTokens: 5 })
  for await (const _text of streamed.textStream);
  assert.equal((await streamed.usage).outputTokens, 5)
})

describe('budgets, roles and books', () => {
  test('a request limit holds under concurrency', async () => {
    const made = await call<{ id: string; key: string }>('POST', '/v1/keys', { name: 'limited' })
    assert.equal(made.status, 201)
    const limit = {
      subject_kind: 'key',
      subject_id: made.body.id,
      metric: 'requests',
      window: 'total',
    }
    assert.equal((await call('POST', '/v1/limits', { ...limit, amount: 3 })).status, 201)
    const chat = { model: 'tiny', messages: [{ role: 'user', content: 'x' }], max_tokens: 1 }
    const statuses = await Promise.all(
      Array.from(
        { length: 8 },
        async () => (await call('POST', '/v1/chat/completions', chat, made.body.key)).status,
      ),
    )
    assert.equal(statuses.filter((status) => status === 200).length, 3)
    assert.equal(statuses.filter((status) => status === 429).length, 5)
  })

  test('a member cannot make keys, and nobody a key above their own', async () => {
    const made = await call<{ key: string }>('POST', '/v1/keys', { name: 'm', role: 'member' })
    assert.equal((await call('POST', '/v1/keys', { name: 'x' }, made.body.key)).status, 403)
    const admin = await call<{ key: string }>('POST', '/v1/keys', { name: 'a', role: 'admin' })
    const above = await call('POST', '/v1/keys', { name: 'x', role: 'owner' }, admin.body.key)
    assert.equal(above.status, 403)
  })

  test('every call is in the ledger with an estimated energy', async () => {
    type Usage = { total: { requests: number; joules: number; joules_source: string } }
    const { body } = await call<Usage>('GET', '/v1/usage')
    assert.ok(body.total.requests >= 10)
    assert.ok(body.total.joules > 0)
    assert.equal(body.total.joules_source, 'estimated')
  })

  test('bad bodies are refused clearly', async () => {
    const post = async (body: string | Uint8Array<ArrayBuffer>) => {
      const response = await fetch(`${program.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${program.key}` },
        body,
      })
      return { status: response.status, text: await response.text() }
    }
    assert.equal((await post('{')).status, 400)
    assert.match((await post('{"model":"a","model":"b"}')).text, /same key twice/)
    assert.match((await post(new Uint8Array([0x7b, 0xff]))).text, /UTF-8/)
    assert.match((await post('[')).text, /valid JSON/)
    assert.equal((await post(JSON.stringify({ model: 'tiny', messages: 'x' }))).status, 400)
  })
})

test('the audit chain verifies offline, and every kind of tampering is named', async () => {
  const file = join(program.folder, 'audit.jsonl')
  const key = join(program.folder, 'public.key')
  assert.equal((await program.command('audit', 'export', '--out', file)).code, 0)
  const status = await call<{ public_key: string }>('GET', '/v1/audit/status')
  writeFileSync(key, status.body.public_key)
  const { runCommand } = await import('./running-program.ts')
  const verify = () => runCommand(['audit', 'verify', file, '--key', key, '--json'])
  const intact = await verify()
  assert.equal(intact.code, 0, intact.output)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const tampered: [kind: string, lines: string[]][] = [
    ['changed', lines.map((l, i) => (i === 3 ? l.replace('"outcome":"ok"', '"outcome":"no"') : l))],
    ['removed', lines.filter((_, i) => i !== 3)],
    ['removed', lines.slice(0, -4)],
    ['added', [...lines.slice(0, 4), lines[3]!, ...lines.slice(4)]],
    ['reordered', [...lines.slice(0, 3), lines[4]!, lines[3]!, ...lines.slice(5)]],
  ]
  for (const [kind, changed] of tampered) {
    writeFileSync(file, `${changed.join('\n')}\n`)
    const found = await verify()
    assert.equal(found.code, 3, kind)
    assert.equal(JSON.parse(found.output).problem.kind, kind)
  }
  writeFileSync(file, 'not an export')
  assert.equal((await verify()).code, 2)
})

test('what was acknowledged survives SIGKILL, and the folder can be taken again', async () => {
  const before = await call<{ records: number }>('GET', '/v1/audit/status')
  const { folder, key } = program
  const ended = new Promise((resolve) => program.process.once('exit', resolve))
  program.process.kill('SIGKILL')
  await ended
  const again = await startProgram({ folder, key })
  program = again
  const now = await call<{ records: number }>('GET', '/v1/audit/status')
  assert.ok(now.body.records >= before.body.records)
  const verified = await call<{ intact: boolean }>('POST', '/v1/audit/verify')
  assert.equal(verified.body.intact, true)
})
