/**
 * The classes of weakness that products of this field were broken by, as far as no other test of its own
 * holds them; `docs/examination.md` says which test stands for which class.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { tcpListeners } from './listeners.ts'
import { answerOn, openSocket } from './raw-http.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
let logged = ''
let operations: { method: string; path: string }[]

before(async () => {
  program = await startProgram({
    log: (text) => {
      logged += text
    },
  })
  await importTinyModels(program)
  const document = await (await fetch(new URL('/openapi.json', program.url))).json()
  const paths = (document as { paths: Record<string, object> }).paths
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  )
})
after(async () => {
  await program?.[Symbol.asyncDispose]()
})

/** Sends bytes as they are; the whole answer as text. */
async function sendRaw(request: string): Promise<string> {
  const socket = openSocket(program.url)
  socket.write(request, 'latin1')
  const { text } = await answerOn(socket, { quietMs: 5_000 })
  socket.destroy()
  return text
}

/** Each would be seen in SQL, in a shell, in a path or in a log line it was put into. */
const hostile = [
  `' or '1'='1`,
  `'; drop table keys; --`,
  `") union select sealed from secrets --`,
  `$(touch /tmp/bastide-pwned)`,
  '../../../../etc/passwd',
  '%00%0d%0aset-cookie:%20a=b',
  '{"$ne":null}',
  '\u00e9\u00ff'.repeat(50),
  'x'.repeat(8_000),
]
const headerNames = [
  'authorization',
  'x-api-key',
  'cookie',
  'x-request-id',
  'traceparent',
  'idempotency-key',
  'x-data-class',
  'content-type',
  'accept',
  'accept-language',
  'user-agent',
  'origin',
  'x-forwarded-for',
  'x-forwarded-host',
  'range',
  'if-none-match',
]

describe('1: injection by headers', () => {
  test('no header of any route reaches a query, with a good key or without', async () => {
    const { hostname, port } = new URL(program.url)
    for (const [index, { method, path }] of operations.entries()) {
      // Ends the connection, and the session, of whoever asks.
      if (method === 'DELETE' && path === '/v1/session') continue
      const place = path.replace(/\{\w+\}/g, 'nothing')
      const lines = headerNames.map((name, at) => {
        const text = hostile[(index + at) % hostile.length]!
        return `${name}: ${name === 'cookie' ? `bastide_session=${text}` : text}`
      })
      for (const key of [null, program.key]) {
        const own = key
          ? [
              `authorization: Bearer ${key}`,
              ...lines.filter((one) => !/^(auth|x-api|cook|orig)/.test(one)),
            ]
          : lines
        const head = [`${method} ${place} HTTP/1.1`, `host: ${hostname}:${port}`, ...own]
        const answer = await sendRaw(
          `${head.join('\r\n')}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`,
        )
        const what = `${method} ${path} ${key ? 'with' : 'without'} a key`
        assert.match(answer, /^HTTP\/1\.1 [234]/, `${what}: ${answer.slice(0, 300)}`)
        const refused = !answer.startsWith('HTTP/1.1 2')
        if (refused)
          assert.doesNotMatch(answer, /syntax error|relation "|PGlite|node_modules/, what)
      }
    }
    assert.doesNotMatch(logged, /syntax error|unterminated quoted/)
    assert.equal(existsSync('/tmp/bastide-pwned'), false)
  })
})

test('4: a key that differs in one character from one just used is nobody’s', async () => {
  const ask = async (key: string) =>
    (
      await fetch(new URL('/v1/models', program.url), {
        headers: { authorization: `Bearer ${key}` },
      })
    ).status
  for (let at = 0; at < program.key.length; at += 3) {
    assert.equal(await ask(program.key), 200)
    const other = program.key[at] === 'a' ? 'b' : 'a'
    const changed = program.key.slice(0, at) + other + program.key.slice(at + 1)
    assert.equal(await ask(changed), 401, `character ${at}`)
  }
  assert.equal(await ask(`${program.key}a`), 401)
  assert.equal(await ask(program.key.slice(0, -1)), 401)
})

test('13: with every engine running, one port is open, on loopback', {
  skip: process.platform !== 'linux',
}, async () => {
  const post = (path: string, body: object) =>
    fetch(new URL(path, program.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${program.key}` },
      body: JSON.stringify(body),
    })
  const messages = [{ role: 'user', content: 'x' }]
  const chat = await post('/v1/chat/completions', { model: 'tiny', messages, max_tokens: 2 })
  assert.equal(chat.status, 200)
  const pixel =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const read = await post('/v1/ocr', {
    document: { type: 'image_url', image_url: `data:image/png;base64,${pixel}` },
  })
  assert.equal(read.status, 200)
  const port = Number(new URL(program.url).port)
  assert.deepEqual(tcpListeners(program.process.pid!), [{ address: '127.0.0.1', port }])
})

test('14: what engines of the field leave open beside their API is not there', async () => {
  const paths = [
    ...['/invocations', '/tokenize', '/detokenize', '/pause', '/resume', '/update_weights', '/rpc'],
    ...[
      '/api/generate',
      '/api/push',
      '/api/pull',
      '/api/create',
      '/completion',
      '/slots',
      '/props',
    ],
    ...[
      '/inference/v1',
      '/v1/load_lora_adapter',
      '/debug/pprof',
      '/json/version',
      '/config',
      '/.env',
    ],
    ...[
      '/v1/../metrics',
      '//v1/models',
      '/v1/models/..;/keys',
      '/V1/keys',
      '/v1/keys/',
      '/v1%2fkeys',
    ],
  ]
  for (const path of paths) {
    for (const method of ['GET', 'POST']) {
      const answer = await sendRaw(
        `${method} ${path} HTTP/1.1\r\nhost: ${new URL(program.url).host}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
      )
      const status = Number(answer.split(' ')[1])
      // A page of the console is the same page whatever its address; it holds nothing.
      const isPage = status === 200 && /content-type: text\/html/i.test(answer)
      assert.ok([400, 401, 404, 405].includes(status) || isPage, `${method} ${path}: ${status}`)
    }
  }
})

describe('15: what a web page elsewhere can make a browser do', () => {
  test('a session’s cookie works from our own pages alone', async () => {
    const origin = new URL(program.url).origin
    const begun = await fetch(new URL('/v1/session', program.url), {
      method: 'POST',
      headers: { origin },
      body: JSON.stringify({ key: program.key }),
    })
    assert.equal(begun.status, 200)
    const set = begun.headers.get('set-cookie')!
    assert.match(set, /HttpOnly/i)
    assert.match(set, /SameSite=Strict/i)
    const cookie = set.split(';')[0]!
    const change = (headers: Record<string, string>) =>
      fetch(new URL('/v1/keys', program.url), {
        method: 'POST',
        headers: { cookie, ...headers },
        body: JSON.stringify({ name: 'made elsewhere' }),
      })
    for (const elsewhere of ['https://evil.example', 'null', `${origin}.evil.example`, 'file://']) {
      assert.equal((await change({ origin: elsewhere })).status, 403, elsewhere)
    }
    assert.equal((await change({ origin })).status, 201)
    const preflight = await fetch(new URL('/v1/keys', program.url), {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    assert.equal(preflight.headers.get('access-control-allow-origin'), null)
  })

  test('16, 19: pages run their own scripts only, and load nothing from elsewhere', async () => {
    for (const path of ['/', '/audit', '/docs']) {
      const answer = await fetch(new URL(path, program.url), { headers: { accept: 'text/html' } })
      const policy = answer.headers.get('content-security-policy') ?? ''
      if (answer.status === 404) continue
      assert.match(policy, /default-src '(self|none)'/, path)
      assert.doesNotMatch(policy, /unsafe-eval|https?:|\*/, path)
      assert.doesNotMatch(policy, /script-src[^;]*unsafe-inline/, path)
      assert.match(policy, /frame-ancestors 'none'/, path)
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', path)
    }
  })
})

test('18: nothing of a package runs when it is installed', () => {
  const launcher = readFileSync('bastide', 'utf8')
  for (const line of launcher.split('\n').filter((one) => /\bnpm (ci|install|pack)\b/.test(one))) {
    assert.match(line, /--ignore-scripts/, line)
  }
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { resolved?: string; link?: boolean }>
  }
  for (const [path, { resolved }] of Object.entries(packages)) {
    assert.doesNotMatch(resolved ?? '', /^(git|github|file|http:)/, path)
  }
})

test('every class of the examination names tests that exist', () => {
  const page = readFileSync('docs/examination.md', 'utf8')
  const rows = page.split('\n').filter((line) => /^\| \d+ /.test(line))
  assert.deepEqual(
    rows.map((row) => Number(row.split('|')[1])),
    Array.from({ length: 22 }, (_, index) => index + 1),
  )
  for (const row of rows) {
    const files = [...row.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file]) => file!)
    assert.ok(files.length > 0 || /does not apply/.test(row), row)
    for (const file of files) assert.ok(existsSync(file), `${file} of: ${row}`)
  }
})
