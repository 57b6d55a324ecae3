/** The remote engine against a real HTTP server on 127.0.0.1 that plays good and bad upstreams. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createEgress, type Egress } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import type { EngineEvent, EngineModel, EngineRequest, GenerateRequest } from '../contract.ts'
import { createRemoteEngine } from './engine.ts'

type Handler = (
  request: { body: Record<string, unknown>; headers: IncomingMessage['headers'] },
  response: ServerResponse,
) => void

let handler: Handler = () => {}
let server: Server
let egress: Egress
let port = 0

before(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    handler(
      { body: JSON.parse(Buffer.concat(chunks).toString()), headers: request.headers },
      response,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  egress = createEgress({
    rules: () => [
      { host: '127.0.0.1', port, allowPrivate: true },
      { host: '127.0.0.1', port: 1, allowPrivate: true },
    ],
    record: () => {},
  })
})
after(async () => {
  await egress.close()
  server.closeAllConnections()
  server.close()
})

const modelWith = (settings: Record<string, unknown> = {}): EngineModel => ({
  hash: 'f'.repeat(64),
  name: 'upstream',
  files: {},
  settings: { baseUrl: `http://127.0.0.1:${port}/v1`, upstreamModel: 'tiny', ...settings },
})

const chat = (fields: Partial<GenerateRequest> = {}): GenerateRequest => ({
  task: 'generate',
  input: { type: 'chat', messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] },
  ...fields,
})

async function collect(
  request: EngineRequest,
  settings: Record<string, unknown> = {},
  signal = new AbortController().signal,
): Promise<EngineEvent[]> {
  const engine = createRemoteEngine({ egress, secret: async () => 'sk-secret-1234567' })
  const events: EngineEvent[] = []
  for await (const event of engine.run(modelWith(settings), request, { signal })) events.push(event)
  return events
}

const json = (response: ServerResponse, body: unknown, status = 200, headers = {}) =>
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(body))

const answer = (text: string) => ({
  choices: [{ message: { content: text }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } },
})

function stream(response: ServerResponse, pieces: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const piece of pieces) response.write(piece)
  response.end()
}

const failsWith = (code: string) => (error: unknown) =>
  error instanceof AppError && error.code === code

test('a caller who needs no deltas gets one answer without an upstream stream', async () => {
  let seen: Record<string, unknown> = {}
  handler = ({ body }, response) => {
    seen = body
    json(response, answer('hello'))
  }
  const events = await collect(chat({ maxTokens: 5, seed: 7 }))
  assert.equal(seen.stream, undefined)
  assert.equal(seen.max_tokens, 5)
  assert.equal(seen.seed, 7)
  assert.deepEqual(seen.messages, [{ role: 'user', content: 'hi' }])
  assert.deepEqual(events[0], { type: 'text-delta', text: 'hello' })
  const end = events[1]!
  assert.equal(end.type, 'end')
  assert.ok(end.type === 'end' && end.usage.inputTokens === 3 && end.usage.cachedTokens === 1)
})

test('a stream cut at any byte yields the same text, calls and usage', async () => {
  const call = (fields: object) => ({
    choices: [{ delta: { tool_calls: [{ index: 0, ...fields }] } }],
  })
  const wire = [
    ': comment\n\n',
    `data: ${JSON.stringify({ choices: [{ delta: { content: 'grüße ' } }] })}\n\n`,
    `data: ${JSON.stringify({ choices: [{ delta: { content: '🚀' } }] })}\r\n\r\n`,
    `data: ${JSON.stringify(call({ id: 'c1', function: { name: 'get', arguments: '{"a"' } }))}\n\n`,
    `data: ${JSON.stringify(call({ function: { arguments: ':1}' } }))}\n\n`,
    `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'tool_calls' }] })}\n\n`,
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } })}\n\n`,
    'data: [DONE]\n\n',
  ].join('')
  const bytes = Buffer.from(wire)
  for (const size of [1, 7, bytes.length]) {
    handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (let i = 0; i < bytes.length; i += size) response.write(bytes.subarray(i, i + size))
      response.end()
    }
    const events = await collect(chat())
    const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
    assert.equal(text, 'grüße 🚀')
    const calls = events.filter((event) => event.type === 'tool-call')
    assert.deepEqual(calls, [
      { type: 'tool-call', call: { id: 'c1', name: 'get', arguments: '{"a":1}' } },
    ])
    const end = events.at(-1)!
    assert.ok(end.type === 'end' && end.finishReason === 'tool_calls')
    assert.ok(end.usage.inputTokens === 9 && end.usage.outputTokens === 4)
  }
})

test('the API key is sent, and never appears in an error', async () => {
  let authorization: string | undefined
  handler = ({ headers }, response) => {
    authorization = headers.authorization
    const message = `Bad key ${headers.authorization} at http://internal.host/v1/x in /opt/app/main.py: too long`
    json(response, { error: { message } }, 400)
  }
  await assert.rejects(collect(chat(), { apiKeySecret: 'upstream' }), (error) => {
    assert.ok(error instanceof AppError && error.code === 'invalid_request')
    assert.match(error.message, /too long/)
    assert.doesNotMatch(error.message, /sk-secret|internal\.host|main\.py/)
    return true
  })
  assert.equal(authorization, 'Bearer sk-secret-1234567')
})

test('429 with Retry-After is repeated within the deadline and given up beyond it', async () => {
  let calls = 0
  handler = (_, response) => {
    calls++
    if (calls === 1) json(response, {}, 429, { 'retry-after': '0' })
    else json(response, answer('second'))
  }
  const events = await collect(chat())
  assert.equal(calls, 2)
  assert.deepEqual(events[0], { type: 'text-delta', text: 'second' })
  calls = 0
  handler = (_, response) => {
    calls++
    json(response, {}, 503, { 'retry-after': '3600' })
  }
  await assert.rejects(collect(chat()), failsWith('model_unavailable'))
  assert.equal(calls, 1)
})

test('a failure that may have begun the work is not repeated', async () => {
  let calls = 0
  handler = (_, response) => {
    calls++
    response.destroy()
  }
  await assert.rejects(collect(chat()), failsWith('upstream_failed'))
  assert.equal(calls, 1)
  calls = 0
  handler = (_, response) => {
    calls++
    json(response, { error: 'Traceback (most recent call last)' }, 500)
  }
  await assert.rejects(collect(chat()), (error) => {
    return error instanceof AppError && !error.message.includes('Traceback')
  })
  assert.equal(calls, 1)
})

test('a refused connection is an upstream failure', async () => {
  const settings = { baseUrl: 'http://127.0.0.1:1/v1', timeoutSeconds: 0.2 }
  await assert.rejects(collect(chat(), settings), failsWith('upstream_failed'))
})

test('a destination without an egress rule is refused', async () => {
  await assert.rejects(collect(chat(), { baseUrl: 'http://10.1.2.3/v1' }), failsWith('forbidden'))
})

test('hostile answers end with a clear error', async () => {
  const endless = 'x'.repeat(70_000)
  const cases: Handler[] = [
    (_, response) => json(response, { choices: 'none' }),
    (_, response) => response.writeHead(200).end('<html>'),
    (_, response) => stream(response, ['data: {"choices":[{"delta":{"content":"a"}}]}\n\n']),
    (_, response) => stream(response, ['data: {"error":{"message":"secret"}}\n\n']),
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const timer = setInterval(() => response.write(endless), 1)
      response.on('close', () => clearInterval(timer))
    },
  ]
  for (const bad of cases) {
    handler = bad
    await assert.rejects(collect(chat()), failsWith('upstream_failed'))
  }
})

test('a silent server runs into the first-token timeout', async () => {
  handler = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
  }
  const settings = { firstTokenTimeoutSeconds: 0.1 }
  await assert.rejects(collect(chat({ stream: true }), settings), failsWith('timeout'))
})

test('cancelling closes the upstream connection at once', async () => {
  const closed = Promise.withResolvers<void>()
  handler = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n')
    response.on('close', () => closed.resolve())
  }
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 50)
  await assert.rejects(collect(chat(), {}, controller.signal), failsWith('cancelled'))
  await closed.promise
})

test('calls beyond the concurrency limit wait their turn and say how long', async () => {
  let [now, most] = [0, 0]
  handler = (_, response) => {
    most = Math.max(most, ++now)
    setTimeout(() => {
      now--
      json(response, answer('x'))
    }, 30)
  }
  const engine = createRemoteEngine({ egress, secret: async () => '' })
  const model = modelWith({ maxConcurrency: 2 })
  const { signal } = new AbortController()
  const waits = await Promise.all(
    Array.from({ length: 6 }, async () => {
      for await (const event of engine.run(model, chat(), { signal })) {
        if (event.type === 'end') return event.usage.queueSeconds
      }
      return 0
    }),
  )
  assert.equal(most, 2)
  assert.ok(Math.max(...waits) > 0.04)
})

test('embeddings come in the order of the inputs', async () => {
  handler = (_, response) =>
    json(response, {
      data: [
        { index: 1, embedding: [3, 4] },
        { index: 0, embedding: [1, 2] },
      ],
      usage: { prompt_tokens: 5 },
    })
  const events = await collect({ task: 'embed', inputs: ['a', 'b'] })
  const first = events[0]!
  assert.ok(first.type === 'embeddings')
  assert.deepEqual(
    first.vectors.map((vector) => [...vector]),
    [
      [1, 2],
      [3, 4],
    ],
  )
})

test('pictures, tools, formats and log-probabilities are passed on', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: the JSON the upstream received, looked into freely.
  let seen: Record<string, any> = {}
  handler = ({ body }, response) => {
    seen = body
    const top = [{ token: 'a', logprob: -0.1 }]
    const logprobs = { content: [{ token: 'a', logprob: -0.1, top_logprobs: top }] }
    json(response, { choices: [{ message: { content: 'a' }, logprobs, finish_reason: 'length' }] })
  }
  const image = { type: 'image', bytes: Uint8Array.of(1, 2, 3), mimeType: 'image/png' } as const
  const events = await collect({
    ...chat({ logprobs: 1, toolChoice: { name: 'get' } }),
    input: { type: 'chat', messages: [{ role: 'user', content: [image] }] },
    tools: [{ name: 'get', parameters: { type: 'object' } }],
    format: { type: 'json-schema', schema: { type: 'object' } },
  })
  assert.equal(seen.messages[0].content[0].image_url.url, 'data:image/png;base64,AQID')
  assert.equal(seen.tool_choice.function.name, 'get')
  assert.equal(seen.response_format.type, 'json_schema')
  assert.equal(seen.top_logprobs, 1)
  const first = events[0]!
  assert.ok(first.type === 'text-delta' && first.logprobs?.[0]?.alternatives.length === 1)
  const end = events[1]!
  assert.ok(end.type === 'end' && end.finishReason === 'length' && end.usage.inputTokens > 0)
})
