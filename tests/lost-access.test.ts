/** Access that ends reaches what is running: streams, calls, downloads and jobs end within two seconds. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { apiClient, fileForm } from './api-client.ts'
import { type RunningProgram, startProgram } from './running-program.ts'

const withinMs = 2_000
const sleep = (ms: number) => new Promise((resume) => setTimeout(resume, ms))

let program: RunningProgram
let upstream: Server
let fileId: string
/** Calls the endless model is answering. */
let listening = 0

/** A language model that never ends: a token each 50 ms, for as long as somebody listens. */
function startEndlessModel(): Promise<Server> {
  const server = createServer(async (request, response) => {
    request.resume()
    listening += 1
    response.once('close', () => {
      listening -= 1
    })
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    while (!response.destroyed) {
      response.write('data: {"choices":[{"index":0,"delta":{"content":"on "}}]}\n\n')
      await sleep(50)
    }
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

const { ask, made } = apiClient(() => program)

const upload = async (name: string, content: BlobPart, key?: string): Promise<string> =>
  (await made('/v1/files', fileForm(name, content), key)).id

before(async () => {
  upstream = await startEndlessModel()
  const { port } = upstream.address() as AddressInfo
  program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
  await made('/v1/egress/rules', { host: '127.0.0.1', port, allow_private: true })
  const url = `http://127.0.0.1:${port}/v1`
  const added = await program.command('model', 'remote', 'endless', '--url', url, '--model', 'm')
  assert.equal(added.code, 0, added.errors)
  fileId = await upload('large.bin', new Uint8Array(48 * 2 ** 20))
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  upstream?.closeAllConnections()
  upstream?.close()
})

const chat = (stream: boolean) => ({
  model: 'endless',
  messages: [{ role: 'user', content: 'go on' }],
  stream,
})

/**
 * Everything that lasts: begun with a key and seen to run, it hands back what resolves when it has ended,
 * to how it did. (Wrapped, for a promise of a promise would wait for both.)
 */
const lasting: Record<string, (key: string) => Promise<{ ended: Promise<string> }>> = {
  async 'a stream'(key) {
    const response = await post(chat(true), key)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = (await reader.read()).value ?? ''
    assert.match(text, /on /)
    const rest = async () => {
      for (;;) {
        const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
        if (done) return text.slice(-300)
        text += value
      }
    }
    return { ended: rest() }
  },
  async 'a whole answer'(key) {
    const answer = ask('POST', '/v1/chat/completions', chat(false), key)
    await sleep(200)
    return { ended: answer.then(({ body }) => JSON.stringify(body)) }
  },
  async 'a slow download'(key) {
    const response = await fetch(new URL(`/v1/files/${fileId}/content`, program.url), {
      headers: { authorization: `Bearer ${key}` },
    })
    const reader = response.body!.getReader()
    await reader.read()
    let bytes = 0
    const rest = async () => {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return `whole after ${bytes} bytes`
        bytes += value.length
        await sleep(20)
      }
    }
    return { ended: rest().catch(() => 'cut off') }
  },
  async 'a batch'(key) {
    const lines = Array.from({ length: 3 }, (_, index) =>
      JSON.stringify({
        custom_id: `line-${index}`,
        method: 'POST',
        url: '/v1/chat/completions',
        body: chat(false),
      }),
    )
    const input = await upload('lines.jsonl', lines.join('\n'), key)
    const body = { input_file_id: input, endpoint: '/v1/chat/completions' }
    const { id } = await made<{ id: string }>('/v1/batches', body, key)
    const state = async () => (await ask('GET', `/v1/batches/${id}`)).body
    while ((await state()).status !== 'in_progress') await sleep(50)
    const end = async () => {
      for (;;) {
        const { status, errors } = await state()
        if (status === 'failed') return JSON.stringify(errors)
        await sleep(50)
      }
    }
    return { ended: end() }
  },
}

/** Ways to lose access, each for a key of its own. */
const losses: Record<string, (key: OwnKey) => Promise<unknown>> = {
  'the key is revoked': ({ id }) => changed('DELETE', `/v1/keys/${id}`),
  'the member is suspended': ({ member }) =>
    changed('PATCH', `/v1/members/${member}`, { state: 'suspended' }),
  'the member becomes an auditor': ({ member }) =>
    changed('PATCH', `/v1/members/${member}`, { role: 'auditor' }),
  'the member is removed': ({ member }) => changed('DELETE', `/v1/members/${member}`),
  'the key expires': ({ expiresAt }) => sleep(expiresAt - Date.now()),
}

interface OwnKey {
  id: string
  key: string
  member: string
  expiresAt: number
}

async function changed(method: string, path: string, body?: unknown): Promise<void> {
  const { status } = await ask(method, path, body)
  assert.ok(status < 300, `${method} ${path}: ${status}`)
}

async function newKey(name: string): Promise<OwnKey> {
  const member = (await made<{ id: string }>('/v1/members', { name, role: 'member' })).id
  const expiresAt = Date.now() + (name === 'the key expires' ? 3_000 : 600_000)
  const key = await made<{ id: string; key: string }>('/v1/keys', {
    name,
    member,
    expires_at: new Date(expiresAt),
  })
  return { ...key, member, expiresAt }
}

describe('access that ends', () => {
  for (const [name, lose] of Object.entries(losses)) {
    test(`${name}: everything that runs ends within two seconds`, async () => {
      const own = await newKey(name)
      const running = await Promise.all(Object.values(lasting).map((begin) => begin(own.key)))
      await lose(own)
      const lostAt = performance.now()
      const ends = Object.keys(lasting).map(async (what, index) => {
        const how = await Promise.race([
          running[index]!.ended,
          sleep(10_000).then(() => 'it still runs'),
        ])
        const ms = performance.now() - lostAt
        assert.match(how, /no access|not valid|expired|lacks the permission|cut off/, what)
        assert.ok(ms < withinMs, `${what}: ended after ${ms.toFixed(0)} ms`)
      })
      await Promise.all(ends)
      assert.equal(listening, 0, 'the model is still answering')
    })
  }
})

function post(body: unknown, key: string): Promise<Response> {
  return fetch(new URL('/v1/chat/completions', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  })
}

test('what somebody sends who loses their access meanwhile is kept nowhere', async () => {
  const uploads: [path: string, type: string, head: string, tail: string][] = [
    [
      '/v1/files',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="too-late.txt"\r\n\r\nhalf',
      '\r\n--b--\r\n',
    ],
    ['/v1/model-files', 'application/octet-stream', '{"half":', '1}'],
  ]
  for (const [path, type, head, tail] of uploads) {
    const key = await made('/v1/keys', { name: 'late', role: 'builder' })
    let finish = () => {}
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(head))
        finish = () => {
          controller.enqueue(new TextEncoder().encode(tail))
          controller.close()
        }
      },
    })
    const sent = fetch(new URL(path, program.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${key.key}`, 'content-type': type },
      body,
      duplex: 'half',
    } as RequestInit)
    await new Promise((resume) => setTimeout(resume, 500))
    await ask('DELETE', `/v1/keys/${key.id}`)
    await new Promise((resume) => setTimeout(resume, 2_500))
    finish()
    const answer = await sent.catch(() => null)
    assert.ok(!answer || answer.status === 401, `${path}: ${answer?.status}`)
    const listed = await ask('GET', '/v1/files?limit=1000')
    assert.ok(!listed.text.includes('too-late.txt'), path)
  }
})
