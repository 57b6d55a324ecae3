/** The official `@mistralai/mistralai` package, unchanged, against the real program. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Mistral } from '@mistralai/mistralai'
import sharp from 'sharp'
import { compareEvidence, differs, witness } from './compatibility/witness.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
let mistral: Mistral

const messages = [{ role: 'user' as const, content: 'Bonjour' }]
const fixed = { temperature: 0, randomSeed: 3 }

before(async () => {
  program = await startProgram()
  mistral = witness('mistral', new Mistral({ apiKey: program.key, serverURL: program.url }))
  await importTinyModels(program)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  compareEvidence(import.meta.url)
})

/** A page with a line of text, as a PNG. */
function renderPage(text: string): Promise<Buffer> {
  const svg = `<svg width="900" height="300" xmlns="http://www.w3.org/2000/svg">
    <rect width="100%" height="100%" fill="white"/>
    <text x="40" y="150" font-family="sans-serif" font-size="48">${text}</text></svg>`
  return sharp(Buffer.from(svg)).png().toBuffer()
}

/** A PDF of pages with one line of text each, written by hand. */
function makePdf(lines: string[]): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${lines.map((_, i) => `${4 + i * 2} 0 R`).join(' ')}] /Count ${lines.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...lines.flatMap((line, i) => {
      const content = `BT /F1 24 Tf 72 700 Td (${line}) Tj ET`
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + i * 2} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ]
    }),
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const start = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(text)
}

const idOf = (model: object) => ('id' in model ? model.id : null)

const dataUrl = (type: string, bytes: Buffer) => `data:${type};base64,${bytes.toString('base64')}`

describe('chat', () => {
  test('answers and streams, whatever else the dialect says', async () => {
    // Once beforehand, so that both find the prompt evaluated: a prompt evaluated in another batch has
    // logits that differ in the last digits, and random weights have near ties.
    await mistral.chat.complete({ model: 'tiny', messages, maxTokens: 6, ...fixed })
    const answer = await mistral.chat.complete({
      model: 'tiny',
      messages,
      maxTokens: 6,
      ...fixed,
      safePrompt: true,
      metadata: { case: '17' },
      promptCacheKey: 'prefix',
      reasoningEffort: 'none',
      serviceTier: 'auto',
      prediction: { type: 'content', content: 'Salut' },
      guardrails: [],
    })
    assert.ok(answer.usage.completionTokens! <= 6)
    const stream = await mistral.chat.stream({ model: 'tiny', messages, maxTokens: 6, ...fixed })
    let text = ''
    for await (const { data } of stream) text += data.choices[0]?.delta.content ?? ''
    assert.equal(text, answer.choices[0]!.message?.content)
  })

  test('continues a prefix, and answers under a schema', async () => {
    const prefixed = await mistral.chat.complete({
      model: 'tiny',
      messages: [...messages, { role: 'assistant', content: 'The answer is', prefix: true }],
      maxTokens: 4,
      ...fixed,
    })
    assert.equal(prefixed.choices.length, 1)
    const schema = {
      type: 'object',
      properties: { city: { enum: ['Albi', 'Cordes'] } },
      required: ['city'],
      additionalProperties: false,
    }
    const answer = await mistral.chat.complete({
      model: 'tiny',
      messages,
      maxTokens: 100,
      randomSeed: 1,
      responseFormat: {
        type: 'json_schema',
        jsonSchema: { name: 'place', schemaDefinition: schema },
      },
    })
    const { city } = JSON.parse(String(answer.choices[0]!.message!.content))
    assert.ok(['Albi', 'Cordes'].includes(city))
  })

  for (const toolChoice of ['any', 'required'] as const) {
    test(`calls a tool under toolChoice ${toolChoice}, whole and as a stream`, async () => {
      const parameters = {
        type: 'object',
        properties: { city: { enum: ['Albi'] } },
        required: ['city'],
        additionalProperties: false,
      }
      const request = {
        model: 'tiny',
        messages,
        toolChoice,
        parallelToolCalls: false,
        maxTokens: 200,
        randomSeed: 2,
        tools: [{ type: 'function' as const, function: { name: 'weather', parameters } }],
      }
      const answer = await mistral.chat.complete(request)
      const [call] = answer.choices[0]!.message!.toolCalls!
      assert.equal(call!.function.name, 'weather')
      assert.equal(answer.choices[0]!.finishReason, 'tool_calls')
      let streamed: string | undefined
      for await (const { data } of await mistral.chat.stream(request)) {
        streamed ??= data.choices[0]?.delta.toolCalls?.[0]?.function.name
      }
      assert.equal(streamed, 'weather')
    })
  }

  test('fills in the middle, whole and as a stream', async () => {
    const request = { model: 'tiny', prompt: 'def f(', suffix: 'return x', maxTokens: 5, ...fixed }
    await mistral.fim.complete(request)
    const answer = await mistral.fim.complete(request)
    let text = ''
    for await (const { data } of await mistral.fim.stream(request)) {
      text += data.choices[0]?.delta.content ?? ''
    }
    assert.equal(text, answer.choices[0]!.message?.content)
  })

  test('embeds, cut to a size', async () => {
    const answer = await mistral.embeddings.create({
      model: 'tiny-embed',
      inputs: ['un', 'deux'],
      outputDimension: 8,
    })
    assert.deepEqual(
      answer.data.map(({ embedding }) => embedding?.length),
      [8, 8],
    )
  })

  test('lists and retrieves models', async () => {
    const { data } = await mistral.models.list()
    assert.deepEqual(data?.map(idOf).sort(), ['reader', 'tiny', 'tiny-embed'])
    const model = await mistral.models.retrieve({ modelId: 'tiny' })
    assert.equal(model && idOf(model), 'tiny')
  })
})

describe('client sessions', () => {
  const asClient = (apiKey: string) => new Mistral({ apiKey, serverURL: program.url })

  test('a client is given a secret that calls one model for some minutes', async () => {
    const how =
      'The secret is for chat, completions and embeddings; realtime transcription is not served.'
    differs('mistral', 'realtime.sessions.create', how)
    const { sessions } = mistral.realtime
    const session = await sessions.create({ purpose: 'realtime', model: 'tiny', ttlSeconds: 60 })
    assert.equal(session.object, 'client.session')
    const { value, expiresAt } = session.clientSecret
    assert.match(value, /^rt_/)
    const leftMs = expiresAt.getTime() - Date.now()
    assert.ok(leftMs > 40_000 && leftMs <= 60_000, String(leftMs))
    const client = asClient(value)
    const answer = await client.chat.complete({ model: 'tiny', messages, maxTokens: 2 })
    assert.equal(answer.choices.length, 1)
    await assert.rejects(
      client.embeddings.create({ model: 'tiny-embed', inputs: ['a'] }),
      /for \\?"tiny\\?" alone/,
    )
    await assert.rejects(client.models.list(), /client sessions/)
    await assert.rejects(
      client.realtime.sessions.create({ purpose: 'realtime', model: 'tiny' }),
      /client sessions/,
    )
  })

  test('it ends by itself, and a model that is not there has none', async () => {
    const { sessions } = mistral.realtime
    const session = await sessions.create({ purpose: 'realtime', model: 'tiny', ttlSeconds: 1 })
    await new Promise((resume) => setTimeout(resume, 1100))
    const late = asClient(session.clientSecret.value)
    await assert.rejects(late.chat.complete({ model: 'tiny', messages }), { statusCode: 401 })
    await assert.rejects(sessions.create({ purpose: 'realtime', model: 'nope' }), {
      statusCode: 404,
    })
  })
})

describe('OCR', () => {
  test('reads an image, with the confidence of each word', async () => {
    const image = await renderPage('Invoice number 4711')
    const answer = await mistral.ocr.process({
      model: 'reader',
      document: { type: 'image_url', imageUrl: dataUrl('image/png', image) },
      confidenceScoresGranularity: 'word',
      includeBlocks: true,
    })
    assert.match(answer.pages[0]!.markdown, /Invoice number 4711/)
    assert.equal(answer.usageInfo.pagesProcessed, 1)
    assert.ok(answer.pages[0]!.dimensions!.width > 0)
  })

  test('reads chosen pages of a PDF, given in the request or stored', async () => {
    const pdf = makePdf(['First page here', 'Second page here', 'Third page here'])
    const answer = await mistral.ocr.process({
      model: 'reader',
      document: { type: 'document_url', documentUrl: dataUrl('application/pdf', pdf) },
      pages: [0, 2],
    })
    assert.deepEqual(
      answer.pages.map((page) => [page.index, page.markdown.trim()]),
      [
        [0, 'First page here'],
        [2, 'Third page here'],
      ],
    )
    const file = await mistral.files.upload({
      file: { fileName: 'pages.pdf', content: pdf },
      purpose: 'ocr',
    })
    const stored = await mistral.ocr.process({
      model: 'reader',
      document: { type: 'file', fileId: file.id },
      pages: '1',
    })
    assert.match(stored.pages[0]!.markdown, /Second page here/)
  })
})

describe('files and batch jobs', () => {
  test('files come, are listed, opened by a signed link, and go', async () => {
    const file = await mistral.files.upload({
      file: { fileName: 'a.txt', content: Buffer.from('bonjour') },
      purpose: 'ocr',
    })
    assert.equal(file.purpose, 'ocr')
    const { data } = await mistral.files.list({ purpose: 'ocr' })
    assert.ok(data.some((one) => one.id === file.id))
    const second = await mistral.files.upload({
      file: { fileName: 'b.txt', content: Buffer.from('bonsoir') },
      purpose: 'ocr',
    })
    const page = await mistral.files.list({ purpose: 'ocr', pageSize: 1, page: 1 })
    assert.equal(page.data.length, 1)
    assert.equal(page.total, data.length + 1)
    await mistral.files.delete({ fileId: second.id })
    assert.equal((await mistral.files.retrieve({ fileId: file.id })).filename, 'a.txt')
    const download = await mistral.files.download({ fileId: file.id })
    assert.equal(await new Response(download).text(), 'bonjour')
    const { url } = await mistral.files.getSignedUrl({ fileId: file.id, expiry: 1 })
    assert.equal(await (await fetch(url)).text(), 'bonjour')
    assert.equal((await mistral.files.delete({ fileId: file.id })).deleted, true)
    assert.equal((await fetch(url)).status, 404)
  })

  const body = { messages, max_tokens: 3 }
  async function waitFor(jobId: string) {
    for (let attempt = 0; attempt < 600; attempt++) {
      const job = await mistral.batch.jobs.get({ jobId })
      if (!['QUEUED', 'RUNNING', 'CANCELLATION_REQUESTED'].includes(job.status)) return job
      await new Promise((resume) => setTimeout(resume, 100))
    }
    throw new Error(`job ${jobId} did not end`)
  }

  test('a job over a file answers its lines', async () => {
    const lines = ['a', 'b'].map((id) => JSON.stringify({ custom_id: id, body })).join('\n')
    const file = await mistral.files.upload({
      file: { fileName: 'in.jsonl', content: Buffer.from(lines) },
      purpose: 'batch',
    })
    const started = await mistral.batch.jobs.create({
      inputFiles: [file.id],
      model: 'tiny',
      endpoint: '/v1/chat/completions',
      metadata: { case: 'test' },
      timeoutHours: 2,
    })
    const job = await waitFor(started.id)
    assert.deepEqual([job.status, job.succeededRequests, job.failedRequests], ['SUCCESS', 2, 0])
    const output = await mistral.files.download({ fileId: job.outputFile! })
    const answered = (await new Response(output).text()).trim().split('\n')
    assert.deepEqual(answered.map((line) => JSON.parse(line).custom_id).sort(), ['a', 'b'])
    const { data } = await mistral.batch.jobs.list({ pageSize: 50 })
    assert.ok(data?.some((one) => one.id === job.id))
  })

  test('requests can stand in the job itself, and a job can be cancelled', async () => {
    const inline = await mistral.batch.jobs.create({
      requests: [{ customId: 'x', body }],
      model: 'tiny',
      endpoint: '/v1/chat/completions',
    })
    assert.equal((await waitFor(inline.id)).status, 'SUCCESS')
    const long = { messages, max_tokens: 400, temperature: 0 }
    const started = await mistral.batch.jobs.create({
      requests: Array.from({ length: 300 }, (_, i) => ({ customId: String(i), body: long })),
      model: 'tiny',
      endpoint: '/v1/chat/completions',
    })
    await mistral.batch.jobs.cancel({ jobId: started.id })
    assert.equal((await waitFor(started.id)).status, 'CANCELLED')
  })
})
