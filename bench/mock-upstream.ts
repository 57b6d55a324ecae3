/** An OpenAI-compatible upstream that answers every chat after a fixed delay. Prints its port. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const delayMs = Number(process.argv[2] ?? 20)
const answer = JSON.stringify({
  id: 'chatcmpl-upstream',
  object: 'chat.completion',
  created: 1,
  model: 'upstream',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 },
})

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(answer)
    }, delayMs)
  })
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
