/**
 * An OpenAI-compatible upstream that answers every chat after a fixed delay, or, asked for a stream, with
 * `max_tokens` pieces as fast as they are taken, each of as many bytes as the message says. Prints its port.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

interface Asked {
  stream?: boolean
  max_tokens?: number
  messages?: { content: string }[]
}

const delayMs = Number(process.argv[2] ?? 20)
const head = { id: 'chatcmpl-upstream', created: 1, model: 'upstream' }
const answer = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 },
})
const event = (delta: object, finish_reason: string | null) =>
  `data: ${JSON.stringify({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  })}\n\n`

async function stream(response: ServerResponse, pieces: number, pieceBytes: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const piece = event({ content: 'x'.repeat(pieceBytes) }, null)
  const gone = once(response, 'close')
  for (let sent = 0; sent < pieces && !response.destroyed; sent++) {
    if (response.write(piece)) continue
    await Promise.race([once(response, 'drain'), gone])
  }
  response.end(`${event({}, 'stop')}data: [DONE]\n\n`)
}

const server = createServer(async (request, response) => {
  const asked = (await json(request)) as Asked
  await new Promise((resume) => setTimeout(resume, delayMs))
  const said = asked.messages?.at(-1)?.content
  if (asked.stream) return stream(response, asked.max_tokens ?? 16, Number(said) || 5)
  response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
