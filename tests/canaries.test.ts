/**
 * Secrets planted wherever the program takes one, then everything is made to fail, and they are searched for
 * in every log line, trace, error, answer, metric and audit record, in every row, and in every byte on disk.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newDataFolder, type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
let gossip: Server
let port: number
const folder = newDataFolder()
const logs: string[] = []
const traces: string[] = []
/** Every answer anybody got, except those whose purpose is to hand the secret out. */
const answers: string[] = []
/** What is searched for, by name. */
const credentials = new Map<string, string>()
const contents = new Map<string, string>()

const canary = (name: string) => `${name}-${randomBytes(18).toString('base64url')}`

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(new URL(path, program.url), {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${program.key}`, ...headers },
    ...(body !== undefined && {
      body: typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body),
    }),
  })
  const text = await response.text()
  return { status: response.status, text, headers: response.headers }
}

/** Asks, and keeps the answer to be searched. */
async function noted(...args: Parameters<typeof ask>): Promise<string> {
  const { text, headers } = await ask(...args)
  const names = [...headers].filter(([name]) => name !== 'set-cookie')
  answers.push(text, JSON.stringify(names))
  return text
}

before(async () => {
  // Repeats in its errors all that it was sent, as badly written servers do.
  gossip = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    if (request.url?.startsWith('/v1/traces')) {
      traces.push(body)
      return response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    }
    if (request.url?.endsWith('/openid-configuration')) {
      const issuer = `http://127.0.0.1:${port}`
      return response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        }),
      )
    }
    const echo = `I got ${JSON.stringify(request.headers)} ${body}`
    const error = { message: echo, type: echo, code: echo }
    response
      .writeHead(401, { 'content-type': 'application/json' })
      .end(
        JSON.stringify({ error: request.url === '/token' ? echo : error, error_description: echo }),
      )
  })
  await new Promise<void>((resolve) => gossip.listen(0, '127.0.0.1', resolve))
  port = (gossip.address() as AddressInfo).port
  program = await startProgram({
    folder,
    environment: {
      BASTIDE_LOG_LEVEL: 'debug',
      BASTIDE_TRACE_URL: `http://127.0.0.1:${port}`,
    },
    log: (text) => logs.push(text),
  })
  await importTinyModels(program)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  gossip?.closeAllConnections()
  gossip?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('secrets are planted, and everything that takes one is made to fail', async () => {
  credentials.set('the first key', program.key)
  await ask('POST', '/v1/egress/rules', { host: '127.0.0.1', port, allow_private: true })

  const remoteKey = canary('remote')
  credentials.set("a remote model's key", remoteKey)
  await noted('PUT', '/v1/secrets/upstream', { value: remoteKey })
  const url = `http://127.0.0.1:${port}/v1`
  const args = ['model', 'remote', 'far', '--url', url, '--model', 'm', '--secret', 'upstream']
  const added = await program.command(...args)
  assert.equal(added.code, 0, added.errors)
  const prompt = canary('prompt')
  contents.set('a prompt', prompt)
  const messages = [{ role: 'user', content: prompt }]
  for (const stream of [false, true]) {
    const text = await noted('POST', '/v1/chat/completions', { model: 'far', messages, stream })
    assert.match(text, /error/)
  }
  await noted('POST', '/v1/embeddings', { model: 'far', input: prompt })

  const clientSecret = canary('client')
  credentials.set("a provider's client secret", clientSecret)
  const issuer = `http://127.0.0.1:${port}`
  const provider = { name: 'Gossip', issuer, client_id: 'x', client_secret: clientSecret }
  const { id } = JSON.parse(await noted('POST', '/v1/identity-providers', provider))
  const begun = await ask('GET', `/v1/sign-in/begin/${id}`)
  const state = new URL(begun.headers.get('location')!).searchParams.get('state')!
  const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!
  const back = await ask('GET', `/v1/sign-in/callback?code=c&state=${state}`, undefined, { cookie })
  assert.equal(back.status, 303)
  answers.push(back.text, decodeURIComponent(back.headers.getSetCookie().join()))

  const hook = JSON.parse(
    (await ask('POST', '/v1/webhooks', { url: `${issuer}/hook`, events: ['webhook.test'] })).text,
  )
  credentials.set("a webhook's secret", hook.secret)
  await noted('POST', `/v1/webhooks/${hook.id}/test`)

  const key = JSON.parse(
    (await ask('POST', '/v1/keys', { name: 'k' }, { 'idempotency-key': 'i' })).text,
  )
  credentials.set('a key, also where its answer is kept', key.key)
  const session = await ask('POST', '/v1/session', { key: key.key })
  credentials.set(
    'a session',
    /bastide_session=([^;]+)/.exec(session.headers.getSetCookie()[0]!)![1]!,
  )
})

test('secrets where they do not belong are not repeated', async () => {
  const stray = canary('stray')
  credentials.set('a key that is wrong', stray)
  const wrong = { authorization: `Bearer ${stray}` }
  for (const path of ['/v1/keys', `/v1/files/${stray}`, '/v1/usage?by=day', '/health']) {
    await noted('GET', path, undefined, wrong)
  }
  await noted('GET', '/v1/keys', undefined, { authorization: `Basic ${stray}` })
  await noted('GET', '/v1/keys', undefined, { 'x-api-key': stray, authorization: '' })
  await noted('POST', '/v1/session', { key: stray })
  await noted('POST', '/v1/keys', `{"name": "${stray}"`)
  await noted('POST', '/v1/keys', { [stray]: stray, name: 5 }, {})
  await noted('GET', '/v1/sign-in/callback?code=x&state=y', undefined, {
    cookie: `bastide_sign_in=${stray}; bastide_session=${stray}`,
  })
})

/** Every way a secret may be written: as it is, in base64, in hex, in a URL. */
function forms(secret: string): Buffer[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('hex'),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ].map((text) => Buffer.from(text))
}

function assertAbsent(where: string, bytes: Buffer, secrets: Map<string, string>): void {
  for (const [name, secret] of secrets) {
    for (const form of forms(secret)) {
      const at = bytes.indexOf(form)
      assert.equal(at, -1, `${name} is in ${where}: …${bytes.subarray(at - 80, at + 40)}…`)
    }
  }
}

test('no answer, log line, trace, metric or audit record holds one', async () => {
  const { text } = await ask('GET', '/openapi.json')
  const { paths } = JSON.parse(text) as { paths: Record<string, object> }
  for (const [path, methods] of Object.entries(paths)) {
    if ('get' in methods && !path.includes('{')) await noted('GET', path)
  }
  await new Promise((resume) => setTimeout(resume, 6_000))
  assert.ok(logs.join('').length > 500 && traces.length > 0 && answers.length > 30)
  const stray = 'a key that is wrong'
  const known = new Map([...credentials].filter(([name]) => name !== stray))
  assertAbsent('an answer', Buffer.from(answers.join('\n')), known)
  const all = new Map([...credentials, ...contents])
  assertAbsent('the log', Buffer.from(logs.join('')), all)
  assertAbsent('the traces', Buffer.from(traces.join('\n')), all)
  assertAbsent('the audit chain', Buffer.from((await ask('GET', '/v1/audit/export')).text), all)
})

test('no byte on disk holds one, but the file made for it', async () => {
  const backup = join(folder, 'backup.bastide')
  assert.equal((await program.command('backup', backup)).code, 0)
  await program[Symbol.asyncDispose]()
  const master = readFileSync(join(folder, 'master.key'), 'utf8').trim()
  const secrets = new Map([...credentials, ...contents, ['the master key', master]])
  let files = 0
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    const path = join(folder, name)
    if (!statSync(path).isFile() || name === 'master.key') continue
    // The owner's own command line reads the first key from here.
    const sought = new Map(secrets)
    if (name === 'operator.key') sought.delete('the first key')
    assertAbsent(name, readFileSync(path), sought)
    files += 1
  }
  assert.ok(files > 20)
  assertAbsent('the log', Buffer.from(logs.join('')), secrets)
  // The search itself finds what is there.
  const planted = Buffer.concat([randomBytes(1000), Buffer.from(program.key), randomBytes(1000)])
  assert.throws(() => assertAbsent('a plant', planted, credentials))
})
