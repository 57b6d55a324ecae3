/**
 * Goal: whatever a caller sends, the answer is clear, nothing is left behind, and everybody else is
 * served meanwhile. Method: the real program, and requests that are malformed, oversized, slow,
 * hostile or cut off.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { childrenNamed, llamaChild } from './processes.ts'
import { answerOn, openSocket, sendRaw, unfinishedUpload } from './raw-http.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

let program: RunningProgram

before(async () => {
  program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
  const imported = await program.command('model', 'import', await makeTinyLlama(), '--name', 'tiny')
  assert.equal(imported.code, 0, imported.errors)
  assert.equal((await chat({ max_tokens: 1 })).status, 200)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
})

const sleep = (ms: number) => new Promise((resume) => setTimeout(resume, ms))
const authorization = () => ({ authorization: `Bearer ${program.key}` })

interface Answer {
  status: number
  text: string
  retryAfter: string | null
}

async function ask(
  method: string,
  path: string,
  body?: BodyInit,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(new URL(path, program.url), {
    method,
    headers: { ...authorization(), 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body, duplex: 'half' }),
  } as RequestInit)
  const text = await response.text()
  return { status: response.status, text, retryAfter: response.headers.get('retry-after') }
}

const messages = [{ role: 'user', content: 'Hello' }]

function chat(fields: object): Promise<Answer> {
  const body = JSON.stringify({ model: 'tiny', messages, ...fields })
  return ask('POST', '/v1/chat/completions', body)
}

/** An answer that never ends by itself: the grammar leaves no way out. */
const endless = { response_format: { type: 'grammar', grammar: 'root ::= [a-z] root' } }

/** Nothing of the inside may show, and there must be something to read. */
function assertClear({ text }: { text: string }, about: string): void {
  const { error } = JSON.parse(text) as { error: { message: string; code: string } }
  assert.ok(error.message.length > 15 && error.code, `${about}: ${text}`)
  assert.doesNotMatch(text, /node_modules|\.ts:\d|\.js:\d|\/work\/|\/tmp\/|select |insert /i, about)
  assert.notEqual(error.code, 'internal', `${about}: ${text}`)
}

async function assertHealthy(): Promise<void> {
  assert.equal((await ask('GET', '/health')).status, 200)
}

/** Asks for /health all the time while `work` goes on; returns the longest it took, in seconds. */
async function slowestHealthDuring(work: Promise<unknown>): Promise<number> {
  let ended = false
  const end = () => {
    ended = true
  }
  work.then(end, end)
  let slowest = 0
  while (!ended) {
    const startedAt = performance.now()
    await assertHealthy()
    slowest = Math.max(slowest, (performance.now() - startedAt) / 1000)
    await sleep(50)
  }
  return slowest
}

describe('bodies, queries and paths', () => {
  const nested = `${'['.repeat(500)}${']'.repeat(500)}`
  const chatPath = '/v1/chat/completions'
  const hello = JSON.stringify(messages)
  const cases: [about: string, status: number, method: string, path: string, body?: BodyInit][] = [
    ['no body', 400, 'POST', chatPath, ''],
    ['half an object', 400, 'POST', chatPath, '{"model":'],
    ['not JSON', 400, 'POST', chatPath, 'model=tiny'],
    ['null', 400, 'POST', chatPath, 'null'],
    ['an array', 400, 'POST', chatPath, '[]'],
    ['a key twice', 400, 'POST', chatPath, `{"model":"tiny","model":"x","messages":${hello}}`],
    ['invalid UTF-8', 400, 'POST', chatPath, new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d])],
    ['deep nesting', 400, 'POST', chatPath, `{"model":"tiny","messages":${nested}}`],
    ['no messages', 400, 'POST', chatPath, '{"model":"tiny","messages":[]}'],
    ['a number for a model', 400, 'POST', chatPath, `{"model":5,"messages":${hello}}`],
    ['an unknown model', 404, 'POST', chatPath, `{"model":"nope","messages":${hello}}`],
    [
      'words for a number',
      400,
      'POST',
      chatPath,
      `{"model":"tiny","messages":${hello},"top_p":"x"}`,
    ],
    ['0 tokens', 400, 'POST', chatPath, `{"model":"tiny","messages":${hello},"max_tokens":0}`],
    [
      '1e400 tokens',
      400,
      'POST',
      chatPath,
      `{"model":"tiny","messages":${hello},"max_tokens":1e400}`,
    ],
    ['9 choices', 400, 'POST', chatPath, `{"model":"tiny","messages":${hello},"n":9}`],
    ['U+0000 in a name', 400, 'POST', '/v1/keys', '{"name":"a\\u0000b"}'],
    ['U+0000 in a query', 400, 'GET', '/v1/files?after=%00'],
    ['U+0000 in a path', 400, 'GET', '/v1/files/%00'],
    ['half an escape in a path', 404, 'GET', '/v1/files/%zz'],
    ['a path upwards', 404, 'GET', '/v1/files/..%2f..%2fmaster.key'],
    ['no number', 400, 'GET', '/v1/files?limit=many'],
    ['no date', 400, 'GET', '/v1/usage?from=yesterday'],
    ['a date far off', 400, 'GET', '/v1/usage?from=%2B275760-09-13'],
    ['an unknown entry', 400, 'GET', '/v1/usage/entries?before=nothing'],
    ['a route that is not there', 404, 'GET', '/v1/nothing'],
    ['a method that is not there', 405, 'DELETE', '/v1/chat/completions'],
    ['a form without a file', 400, 'POST', '/v1/files', new FormData()],
    ['JSON for a form', 400, 'POST', '/v1/files', '{}'],
    ['an unknown file', 404, 'POST', '/v1/batches', '{"input_file_id":"x","endpoint":"/v1/ocr"}'],
    [
      'an image elsewhere',
      403,
      'POST',
      '/v1/ocr',
      '{"document":{"image_url":"http://10.0.0.1/x"}}',
    ],
    [
      'no picture',
      422,
      'POST',
      '/v1/ocr',
      '{"document":{"image_url":"data:image/png;base64,AAAA"}}',
    ],
    ['a broken data: URL', 400, 'POST', '/v1/ocr', '{"document":{"image_url":"data:,%zz"}}'],
  ]
  for (const [about, status, method, path, body] of cases) {
    test(`${about}: ${status}`, async () => {
      const answer =
        body instanceof FormData
          ? await fetch(new URL(path, program.url), {
              method,
              headers: authorization(),
              body,
            }).then(async (response) => ({ status: response.status, text: await response.text() }))
          : await ask(method, path, body)
      assert.equal(answer.status, status, answer.text)
      assertClear(answer, about)
    })
  }

  test('U+0000 and half a surrogate pair in a conversation are text like any other', async () => {
    for (const content of ['a\u0000b', 'a\ud800b']) {
      const answer = await chat({ messages: [{ role: 'user', content }], max_tokens: 2 })
      assert.equal(answer.status, 200, answer.text)
    }
  })

  test('a batch keeps custom ids whatever they hold', async () => {
    const customIds = ['a\u0000b', '\ud800', '../x', '"']
    const requests = customIds.map((custom_id) => ({
      custom_id,
      body: { messages, max_tokens: 1 },
    }))
    const start = { requests, endpoint: '/v1/chat/completions', model: 'tiny' }
    const made = await ask('POST', '/v1/batch/jobs', JSON.stringify(start))
    assert.equal(made.status, 200, made.text)
    const { id } = JSON.parse(made.text) as { id: string }
    for (let wait = 0; wait < 300; wait++) {
      const { text } = await ask('GET', `/v1/batch/jobs/${id}?inline=true`)
      const job = JSON.parse(text) as { status: string; outputs: { custom_id: string }[] | null }
      if (job.status === 'SUCCESS') {
        assert.deepEqual(
          job.outputs!.map((one) => one.custom_id),
          customIds,
        )
        return
      }
      await sleep(100)
    }
    assert.fail('the batch did not end')
  })
})

describe('sizes', () => {
  test('a body above the limit is answered, announced or not', async () => {
    const large = Buffer.alloc(33 * 2 ** 20, ' ')
    const announced = await ask('POST', '/v1/chat/completions', large)
    assert.equal(announced.status, 413)
    assertClear(announced, 'announced')
    const chunked = await ask('POST', '/v1/chat/completions', new Blob([large]).stream())
    assert.equal(chunked.status, 413)
    await assertHealthy()
  })

  test('a prompt of 10 MB is refused clearly, and nobody waits for it', async () => {
    const content = 'lorem ipsum '.repeat(10 * 2 ** 20).slice(0, 10 * 2 ** 20)
    const asked = chat({ messages: [{ role: 'user', content }] })
    // The model's process is the same one: what others ask of it must go on as well.
    const others = (async () => {
      for (let count = 0; count < 5; count++) {
        const answer = await chat({ max_tokens: 2 })
        assert.equal(answer.status, 200, answer.text)
        await sleep(100)
      }
    })()
    const slowest = await slowestHealthDuring(Promise.all([asked, others]))
    await others
    const answer = await asked
    assert.equal(answer.status, 400, answer.text)
    assert.match(answer.text, /context/)
    assert.ok(slowest < 1, `/health took ${slowest.toFixed(2)} s`)
  })
})

describe('requests that no client library sends', () => {
  const get = (lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`
  const cases: [about: string, statuses: number[], lines: string[]][] = [
    ['a Host with ?', [400, 403], ['GET /v1/models HTTP/1.1', 'Host: localhost?x']],
    ['a Host with #', [400, 403], ['GET /v1/models HTTP/1.1', 'Host: localhost#x']],
    ['a Host with @', [400, 403], ['GET /v1/models HTTP/1.1', 'Host: evil@localhost']],
    ['a Host with /', [400, 403], ['GET /v1/models HTTP/1.1', 'Host: localhost/../x']],
    ['a foreign Host', [403], ['GET /v1/models HTTP/1.1', 'Host: evil.example']],
    ['no Host', [400], ['GET /v1/models HTTP/1.1']],
    ['two Hosts', [400, 401, 403], ['GET /v1/models HTTP/1.1', 'Host: localhost', 'Host: evil']],
    [
      'a foreign absolute target',
      [401, 403],
      ['GET http://evil/v1/models HTTP/1.1', 'Host: localhost'],
    ],
    ['an absolute target that is no URL', [400], ['GET http://[ HTTP/1.1', 'Host: localhost']],
    ['a target without a slash', [400], ['GET v1/models HTTP/1.1', 'Host: localhost']],
    ['a backslash', [400, 404], ['GET /v1\\models HTTP/1.1', 'Host: localhost']],
    [
      'two Content-Lengths',
      [400],
      ['POST /v1/keys HTTP/1.1', 'Host: localhost', 'Content-Length: 2', 'Content-Length: 5'],
    ],
    [
      'a length and chunks',
      [400],
      [
        'POST /v1/keys HTTP/1.1',
        'Host: localhost',
        'Content-Length: 2',
        'Transfer-Encoding: chunked',
      ],
    ],
    ['a huge header', [431], ['GET / HTTP/1.1', 'Host: localhost', `X: ${'x'.repeat(20_000)}`]],
    ['a header with U+0000', [400], ['GET / HTTP/1.1', 'Host: localhost', 'X: a\0b']],
    ['a method nobody knows', [400], ['FROB / HTTP/1.1', 'Host: localhost']],
    ['another protocol', [400], ['SSH-2.0-OpenSSH_9.2']],
  ]
  for (const [about, statuses, lines] of cases) {
    test(`${about} is refused`, async () => {
      const answer = await sendRaw(program.url, get(lines))
      assert.ok(statuses.includes(answer.status), `${answer.status}: ${answer.text.slice(0, 300)}`)
      const body = answer.text.slice(answer.text.indexOf('\r\n\r\n') + 4)
      assertClear({ text: body }, about)
      await assertHealthy()
    })
  }
})

async function liveCalls(): Promise<number> {
  const { text } = await ask('GET', '/v1/overview')
  return (JSON.parse(text) as { requests: { live: unknown[] } }).requests.live.length
}

async function newestEntry(): Promise<{ id: string; status: string; error_code: string | null }> {
  const { text } = await ask('GET', '/v1/usage/entries?limit=1')
  return JSON.parse(text).data[0]
}

/** Waits for something to become true; fails after `seconds`. */
async function eventually(seconds: number, what: string, isTrue: () => boolean | Promise<boolean>) {
  const deadline = performance.now() + seconds * 1000
  while (!(await isTrue())) {
    assert.ok(performance.now() < deadline, `not within ${seconds} s: ${what}`)
    await sleep(30)
  }
}

describe('callers that vanish', () => {
  for (const stream of [true, false]) {
    test(`in the middle of ${stream ? 'a stream' : 'an answer'}: the call ends and is booked as cancelled`, async () => {
      const before = (await newestEntry()).id
      const leaving = new AbortController()
      const asked = fetch(new URL('/v1/chat/completions', program.url), {
        method: 'POST',
        headers: { ...authorization(), 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'tiny', messages, ...endless, max_tokens: 2000, stream }),
        signal: leaving.signal,
      })
      asked.catch(() => 'it left')
      await eventually(5, 'the call begins', async () => (await liveCalls()) === 1)
      leaving.abort()
      await eventually(1, 'the call ends', async () => (await liveCalls()) === 0)
      await eventually(1, 'it is booked', async () => (await newestEntry()).id !== before)
      assert.equal((await newestEntry()).status, 'cancelled')
    })
  }

  const incoming = (store: string) => {
    const folder = join(program.folder, store, 'incoming')
    return existsSync(folder) ? readdirSync(folder) : []
  }
  for (const path of ['/v1/files', '/v1/documents', '/v1/model-files']) {
    test(`in the middle of an upload to ${path}: nothing is left`, async () => {
      const store = path === '/v1/model-files' ? 'models' : 'blobs'
      const listOf = path === '/v1/model-files' ? '/v1/packages' : path
      const before = (await ask('GET', listOf)).text
      const socket = unfinishedUpload(program.url, path, program.key, 300_000)
      await eventually(5, 'bytes arrive', () => incoming(store).length === 1)
      socket.destroy()
      await eventually(2, 'the bytes are gone', () => incoming(store).length === 0)
      assert.equal((await ask('GET', listOf)).text, before)
    })
  }
})

describe('slow and stuck', { concurrency: true }, () => {
  test('headers that come drop by drop are cut off, and others are served meanwhile', async () => {
    const slow = Array.from({ length: 20 }, async () => {
      const socket = openSocket(program.url)
      socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\nX: ')
      const drip = setInterval(() => socket.write('x'), 500)
      const answer = await answerOn(socket, { limitMs: 40_000 })
      clearInterval(drip)
      return answer
    })
    const slowest = await slowestHealthDuring(Promise.all(slow))
    for (const answer of await Promise.all(slow)) {
      assert.ok(answer.seconds < 30, `cut off after ${answer.seconds.toFixed(0)} s`)
      assert.equal(answer.status, 408, answer.text)
    }
    assert.ok(slowest < 2, `/health took ${slowest.toFixed(2)} s`)
  })

  test('an engine that hangs fails its call within its heartbeat, and the next call works', async () => {
    const [child] = childrenNamed(program.process.pid!, llamaChild)
    assert.ok(child, 'the model runs in a process of its own')
    const asked = chat({ ...endless, max_tokens: 2000 })
    await sleep(300)
    process.kill(child, 'SIGSTOP')
    const startedAt = performance.now()
    const answer = await asked
    const seconds = (performance.now() - startedAt) / 1000
    assert.equal(answer.status, 503, answer.text)
    assertClear(answer, 'hanging engine')
    assert.ok(seconds < 30, `it took ${seconds.toFixed(0)} s`)
    assert.equal((await newestEntry()).error_code, 'engine_crashed')
    assert.equal((await chat({ max_tokens: 2 })).status, 200)
  })
})
