/** Traces as a collector receives them: OTLP over HTTP, sent by the real program. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type RunningProgram, startProgram } from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[]
}

const bodies: string[] = []
let collector: Server
let program: RunningProgram

const spans = () =>
  bodies.flatMap((body) => {
    const { resourceSpans } = JSON.parse(body) as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[]
    }
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans))
  })

async function spanNamed(name: string, traceId: string): Promise<Span> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const found = spans().find((span) => span.name === name && span.traceId === traceId)
    if (found) return found
    await new Promise((resume) => setTimeout(resume, 100))
  }
  throw new Error(`no span ${name} in ${spans().map((span) => span.name)}`)
}

function send(path: string, json: object, headers: Record<string, string> = {}) {
  return fetch(new URL(path, program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program.key}`, ...headers },
    body: JSON.stringify(json),
  })
}

before(async () => {
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    assert.equal(request.url, '/v1/traces')
    bodies.push(Buffer.concat(chunks).toString())
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const { port } = collector.address() as AddressInfo
  const environment = { BASTIDE_TRACE_URL: `http://127.0.0.1:${port}`, BASTIDE_LOG_LEVEL: 'error' }
  program = await startProgram({ environment })
  const rule = await send('/v1/egress/rules', { host: '127.0.0.1', port, allow_private: true })
  assert.equal(rule.status, 201)
  const imported = await program.command('model', 'import', await makeTinyLlama(), '--name', 'tiny')
  assert.equal(imported.code, 0, imported.errors)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  collector?.close()
})

test("a call's span lies in its request's, which lies in the caller's, and tells no text", async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const secret = 'a sentence nobody else may read'
  const response = await send(
    '/v1/chat/completions',
    { model: 'tiny', messages: [{ role: 'user', content: secret }], max_tokens: 4, seed: 1 },
    { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  )
  const body = (await response.json()) as { bastide: { call_id: string } }
  const request = await spanNamed('POST /v1/chat/completions', traceId)
  assert.equal(request.parentSpanId, '00f067aa0ba902b7')
  const call = await spanNamed('chat tiny', traceId)
  assert.equal(call.parentSpanId, request.spanId)
  const value = (key: string) => call.attributes.find((one) => one.key === key)?.value
  assert.equal(value('gen_ai.operation.name')?.stringValue, 'chat')
  assert.equal(value('gen_ai.response.id')?.stringValue, body.bastide.call_id)
  assert.ok(Number(value('gen_ai.usage.input_tokens')?.intValue) > 0)
  assert.ok(!bodies.join().includes(secret))
})

test('a failed request is marked as an error, and none is lost at the end', async () => {
  const before = spans().length
  const response = await send('/v1/chat/completions', { model: 'nope', messages: [] })
  assert.equal(response.status, 400)
  await program[Symbol.asyncDispose]()
  assert.ok(spans().length > before)
})
