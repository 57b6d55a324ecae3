/**
 * A small OpenAI-compatible server on 127.0.0.1 in front of an engine: the real upstream that the
 * remote engine's tests talk to.
 */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toAppError } from '../errors.ts'
import type { ChatMessage, Engine, EngineEvent, EngineModel, EngineRequest } from './contract.ts'

interface WireBody {
  messages?: { role: 'system' | 'user' | 'assistant'; content: string }[]
  prompt?: string
  input?: string[]
  stream?: boolean
  max_tokens?: number
  temperature?: number
  seed?: number
  response_format?: { type: string; json_schema?: { schema: Record<string, unknown> } }
  grammar?: string
}

export async function startUpstream(engine: Engine, model: EngineModel) {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as WireBody
    const abort = new AbortController()
    response.on('close', () => abort.abort())
    try {
      const events = engine.run(model, engineRequest(body), { signal: abort.signal })
      if (body.stream) await streamed(events, response)
      else await whole(events, response)
    } catch (error) {
      const { status, message } = toAppError(error)
      if (response.headersSent) response.destroy()
      else response.writeHead(status).end(JSON.stringify({ error: { message } }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function engineRequest(body: WireBody): EngineRequest {
  if (body.input) return { task: 'embed', inputs: body.input }
  const schema = body.response_format?.json_schema?.schema
  return {
    task: 'generate',
    input: body.messages
      ? { type: 'chat', messages: body.messages.map(chatMessage) }
      : { type: 'text', prompt: body.prompt ?? '' },
    ...(body.max_tokens === undefined ? {} : { maxTokens: body.max_tokens }),
    ...(body.temperature === undefined ? {} : { temperature: body.temperature }),
    ...(body.seed === undefined ? {} : { seed: body.seed }),
    ...(schema ? { format: { type: 'json-schema', schema } } : {}),
    ...(body.grammar ? { format: { type: 'grammar', grammar: body.grammar } } : {}),
  }
}

function chatMessage({ role, content }: NonNullable<WireBody['messages']>[number]): ChatMessage {
  return role === 'user' ? { role, content: [{ type: 'text', text: content }] } : { role, content }
}

function wireUsage(event: Extract<EngineEvent, { type: 'end' }>) {
  const { inputTokens, outputTokens, cachedTokens } = event.usage
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  }
}

async function streamed(events: AsyncIterable<EngineEvent>, response: ServerResponse) {
  const send = (data: unknown) => response.write(`data: ${JSON.stringify(data)}\n\n`)
  for await (const event of events) {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (event.type === 'text-delta') send({ choices: [{ delta: { content: event.text } }] })
    if (event.type !== 'end') continue
    send({ choices: [{ delta: {}, finish_reason: event.finishReason }], usage: wireUsage(event) })
  }
  response.end('data: [DONE]\n\n')
}

async function whole(events: AsyncIterable<EngineEvent>, response: ServerResponse) {
  let content = ''
  let answer: Record<string, unknown> = {}
  for await (const event of events) {
    if (event.type === 'text-delta') content += event.text
    if (event.type === 'embeddings') {
      answer.data = event.vectors.map((vector, index) => ({ index, embedding: [...vector] }))
    }
    if (event.type !== 'end') continue
    const choice = { message: { content }, finish_reason: event.finishReason }
    answer = { ...answer, choices: [choice], usage: wireUsage(event) }
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
}
