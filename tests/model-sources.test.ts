/**
 * Models from a hub and from a registry: through the guard, by digest, in pieces, over a killed server;
 * and what comes and is not what was named ends in quarantine.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { importInputSchema } from '../src/models/source/import.ts'
import { isSource, parseSource } from '../src/models/source/source.ts'
import { apiClient } from './api-client.ts'
import { commit, type HubFile, startModelHub } from './model-hub.ts'
import { account, pushArtifact, registryIsThere, startRegistry } from './oci-registry.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

let weights: Buffer<ArrayBuffer>
let program: RunningProgram
const repository = 'house/tiny-llama'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

before(async () => {
  weights = readFileSync(await makeTinyLlama()) as Buffer<ArrayBuffer>
  program = await startProgram()
})
after(() => program[Symbol.asyncDispose]())

/** Other bytes with the same header, so that each test downloads anew. */
function anotherModel(mark: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(weights) as Buffer<ArrayBuffer>
  bytes.writeUInt32LE(mark, bytes.length - 8)
  return bytes
}

const { ask } = apiClient(() => program)

interface Import {
  id: string
  status: string
  done_bytes: number
  total_bytes: number
  package: string
  error: { code: string; message: string } | null
}

const allow = (port: number) =>
  ask('POST', '/v1/egress/rules', { host: '127.0.0.1', port, allow_private: true })

async function ended(id: string): Promise<Import> {
  for (;;) {
    const { body } = await ask<Import>('GET', `/v1/model-imports/${id}`)
    if (body.status !== 'queued' && body.status !== 'running') return body
    await new Promise((resume) => setTimeout(resume, 100))
  }
}

async function importing(body: Record<string, unknown>): Promise<Import> {
  const started = await ask<Import>('POST', '/v1/model-imports', body)
  assert.equal(started.status, 202, JSON.stringify(started.body))
  return ended(started.body.id)
}

const leftOvers = () =>
  readdirSync(join(program.folder, 'models/incoming')).filter((name) => name.startsWith('run_'))

describe('a hub', () => {
  let hub: Awaited<ReturnType<typeof startModelHub>>
  const files: HubFile[] = []
  const source = `hf:${repository}/model.gguf`
  before(async () => {
    hub = await startModelHub(repository, files)
  })
  after(() => hub[Symbol.asyncDispose]())
  beforeEach(() => {
    Object.assign(hub.state, {
      breaks: [],
      delayMs: 0,
      ignoresRange: false,
      token: null,
      requests: [],
    })
    files.splice(0)
  })

  test('is not reached without a rule, and the import says which one', async () => {
    const done = await importing({ source, endpoint: hub.url })
    assert.equal(done.status, 'failed')
    assert.equal(done.error?.code, 'forbidden')
    assert.match(done.error!.message, new RegExp(`127.0.0.1:${hub.port}`))
    assert.deepEqual(hub.state.requests, [])
    await allow(hub.port)
    files.push({ path: 'model.gguf', bytes: weights })
    const elsewhere = await importing({ source, endpoint: hub.url })
    assert.match(elsewhere.error!.message, new RegExp(`127.0.0.1:${hub.storePort}`))
    await allow(hub.storePort)
  })

  test('gives a model by the command line: pinned, with its licence and maker, and it answers', async () => {
    files.push({ path: 'README.md', bytes: Buffer.from('# tiny'), inGit: true })
    files.push({ path: 'model.gguf', bytes: weights })
    const args = ['--endpoint', hub.url, '--name', 'from-hub', '--json']
    const done = await program.command('model', 'import', `hf:${repository}`, ...args)
    assert.equal(done.code, 0, done.errors)
    const { package: hash } = JSON.parse(done.output) as Import
    const { body } = await ask<{
      manifest: { source: unknown; card: { licence: string; origin: { maker: string } } }
      policy: { allowed: boolean }
    }>('GET', `/v1/packages/${hash}`)
    assert.deepEqual(body.manifest.source, {
      url: `${hub.url}/${repository}/resolve/${commit}/model.gguf`,
      revision: commit,
    })
    assert.equal(body.manifest.card.licence, 'apache-2.0')
    assert.equal(body.manifest.card.origin.maker, 'house')
    const answer = await ask('POST', '/v1/chat/completions', {
      model: 'from-hub',
      messages: [{ role: 'user', content: 'Bonjour' }],
      max_tokens: 3,
    })
    assert.equal(answer.status, 200)
    const again = await importing({ source, endpoint: hub.url, name: 'from-hub' })
    assert.equal(again.package, hash, 'the same file is the same package, and is not fetched again')
    assert.equal(hub.state.requests.filter(({ url }) => url.startsWith('/blob/')).length, 1)
  })

  test('may break off again and again: what came is kept and the rest is asked for', async () => {
    const bytes = anotherModel(1)
    files.push({ path: 'model.gguf', bytes })
    // Slowly: what a connection has delivered and nobody has read yet is lost with it.
    Object.assign(hub.state, { breaks: [60_000, 30_000, 0, 20_000], delayMs: 20 })
    const done = await importing({ source, endpoint: hub.url, name: 'in-pieces' })
    assert.equal(done.status, 'done', JSON.stringify(done.error))
    const ranges = hub.state.requests.flatMap(({ url, range }) =>
      url.startsWith('/blob/') ? [range ?? 'all'] : [],
    )
    assert.equal(ranges.length, 5)
    const starts = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0))
    assert.equal(starts[0], 0)
    assert.deepEqual(
      starts,
      [...starts].sort((one, other) => one - other),
      String(ranges),
    )
    assert.ok(starts.at(-1)! > starts[1]! && starts[1]! > 0, String(ranges))
    assert.equal(done.done_bytes, Math.ceil(bytes.length / 1024) * 1024)
    assert.deepEqual(leftOvers(), [])
  })

  test('may know nothing of ranges: then it begins anew', async () => {
    files.push({ path: 'model.gguf', bytes: anotherModel(2) })
    Object.assign(hub.state, { ignoresRange: true, breaks: [100_000] })
    assert.equal((await importing({ source, endpoint: hub.url, name: 'anew' })).status, 'done')
  })

  test('may outlive the server: killed in mid-download, it goes on where it was', async () => {
    files.push({ path: 'model.gguf', bytes: anotherModel(3) })
    // Slow enough that the kill comes before the end on a machine that is busy, too.
    hub.state.delayMs = 300
    const started = await ask<Import>('POST', '/v1/model-imports', {
      source,
      endpoint: hub.url,
      name: 'after-a-kill',
    })
    const { id } = started.body
    while ((await ask<Import>('GET', `/v1/model-imports/${id}`)).body.done_bytes < 100_000) {
      await new Promise((resume) => setTimeout(resume, 50))
    }
    const { folder, key } = program
    const gone = new Promise((resolve) => program.process.once('exit', resolve))
    program.process.kill('SIGKILL')
    await gone
    hub.state.delayMs = 0
    program = await startProgram({ folder, key })
    assert.equal((await ended(id)).status, 'done')
    const last = hub.state.requests.at(-1)
    assert.match(last?.range ?? '', /^bytes=[1-9]\d+-$/)
  })

  test('keeps its token to itself: the server it sends us to does not get it', async () => {
    files.push({ path: 'model.gguf', bytes: anotherModel(4) })
    hub.state.token = 'hf_secret'
    const refused = await importing({ source, endpoint: hub.url })
    assert.equal(refused.error?.code, 'forbidden')
    assert.match(refused.error!.message, /secret/)
    await ask('PUT', '/v1/secrets/hub', { value: 'hf_secret' })
    hub.state.requests = []
    const done = await importing({ source, endpoint: hub.url, secret: 'hub', name: 'gated' })
    assert.equal(done.status, 'done', JSON.stringify(done.error))
    for (const { url, authorization } of hub.state.requests) {
      assert.equal(authorization, url.startsWith('/blob/') ? undefined : 'Bearer hf_secret', url)
    }
  })

  test('that says another digest than was asked for is not downloaded from', async () => {
    files.push({ path: 'model.gguf', bytes: anotherModel(5) })
    const done = await importing({ source, endpoint: hub.url, sha256: 'a'.repeat(64) })
    assert.equal(done.error?.code, 'conflict')
    assert.ok(!hub.state.requests.some(({ url }) => url.startsWith('/blob/')))
  })

  const unsound: Record<string, () => HubFile> = {
    'other bytes than the digest': () => ({
      path: 'model.gguf',
      bytes: anotherModel(6),
      sha256: 'b'.repeat(64),
    }),
    'a file with a broken header': () => ({
      path: 'model.gguf',
      bytes: Buffer.concat([weights.subarray(0, 8), Buffer.alloc(4096, 0xff)]),
    }),
  }
  for (const [what, file] of Object.entries(unsound)) {
    test(`that sends ${what}: it is in quarantine, with the reason, until it is removed`, async () => {
      files.push(file())
      const done = await importing({ source, endpoint: hub.url })
      assert.equal(done.status, 'failed')
      assert.equal(done.error?.code, 'unreadable_file')
      assert.match(done.error!.message, /It is in quarantine\.$/)
      const listed = await program.command('model', 'quarantine', 'list', '--json')
      const [newest] = JSON.parse(listed.output) as { id: string; source: string; reason: string }[]
      assert.ok(newest!.source.startsWith(hub.url))
      const path = join(program.folder, 'models/quarantine', newest!.id)
      assert.deepEqual(readFileSync(path), files[0]!.bytes)
      assert.deepEqual(leftOvers(), [])
      assert.equal((await program.command('model', 'quarantine', 'remove', newest!.id)).code, 0)
      assert.ok(!existsSync(path))
    })
  }

  const refusals: [what: string, files: string[], source: string, code: string, words: RegExp][] = [
    [
      'several models',
      ['a.gguf', 'b.gguf'],
      `hf:${repository}`,
      'invalid_request',
      /a\.gguf, b\.gguf/,
    ],
    ['no model', ['weights.bin'], `hf:${repository}`, 'invalid_request', /no \.gguf/],
    ['no such file', ['a.gguf'], `hf:${repository}/c.gguf`, 'not_found', /c\.gguf/],
    ['no such repository', [], 'hf:house/other', 'not_found', /house\/other/],
    [
      'a split model',
      ['m-00001-of-00002.gguf'],
      `hf:${repository}/m-00001-of-00002.gguf`,
      'unsupported',
      /split/,
    ],
  ]
  for (const [what, paths, wanted, code, words] of refusals) {
    test(`that has ${what} is refused in words`, async () => {
      files.push(...paths.map((path) => ({ path, bytes: weights })))
      const done = await importing({ source: wanted, endpoint: hub.url })
      assert.equal(done.error?.code, code, JSON.stringify(done.error))
      assert.match(done.error!.message, words)
    })
  }

  test('is left when an import is cancelled, and nothing stays of it', async () => {
    files.push({ path: 'model.gguf', bytes: anotherModel(7) })
    hub.state.delayMs = 400
    const started = await ask<Import>('POST', '/v1/model-imports', { source, endpoint: hub.url })
    const { id } = started.body
    while ((await ask<Import>('GET', `/v1/model-imports/${id}`)).body.done_bytes === 0) {
      await new Promise((resume) => setTimeout(resume, 50))
    }
    await ask('POST', `/v1/model-imports/${id}/cancel`)
    assert.equal((await ended(id)).status, 'cancelled')
    assert.deepEqual(leftOvers(), [])
  })
})

test('naming a secret takes an administrator; setting an alias as ever', async () => {
  const made = await ask<{ key: string }>('POST', '/v1/keys', { name: 'builder', role: 'builder' })
  const answer = await fetch(new URL('/v1/model-imports', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${made.body.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ source: `hf:${repository}`, secret: 'hub' }),
  })
  assert.equal(answer.status, 403)
})

test('a model file that was changed on disk is not loaded, and goes into quarantine', async () => {
  const bytes = anotherModel(8)
  const path = join(program.folder, 'tiny.gguf')
  writeFileSync(path, bytes)
  const imported = await program.command('model', 'import', path, '--name', 'changed', '--json')
  assert.equal(imported.code, 0, imported.errors)
  const [stored] = globSync(join(program.folder, 'models/*', sha256(bytes)))
  const changed = readFileSync(stored!)
  changed[changed.length - 1]! ^= 1
  writeFileSync(stored!, changed)
  const call = { model: 'changed', messages: [{ role: 'user', content: 'a' }], max_tokens: 1 }
  const answer = await ask<{ error: { code: string } }>('POST', '/v1/chat/completions', call)
  assert.equal(answer.status, 503)
  const { body } = await ask<{ data: { id: string; name: string; sha256: string }[] }>(
    'GET',
    '/v1/quarantine',
  )
  const found = body.data.find(({ name }) => name === sha256(bytes))
  assert.equal(found?.sha256, sha256(changed))
  assert.ok(!existsSync(stored!))
})

describe('a registry', { skip: !registryIsThere && 'no docker-registry on this machine' }, () => {
  let registry: Awaited<ReturnType<typeof startRegistry>>
  const model = 'application/vnd.oci.image.layer.v1.tar'
  before(async () => {
    registry = await startRegistry()
    await allow(registry.port)
    await ask('PUT', '/v1/secrets/registry', { value: account })
  })
  after(() => registry[Symbol.asyncDispose]())
  const imported = (source: string, name: string, also = {}) =>
    importing({ source, endpoint: registry.url, secret: 'registry', name, ...also })

  test('gives a model by tag and by digest, with its licence and maker', async () => {
    const digest = await pushArtifact(registry.url, 'house/tiny', '1.0', [
      { bytes: anotherModel(20), mediaType: model, title: 'tiny.gguf' },
      { bytes: new TextEncoder().encode('MIT'), mediaType: 'text/plain', title: 'LICENSE' },
    ])
    const byTag = await imported(`oci:127.0.0.1:${registry.port}/house/tiny:1.0`, 'tiny-oci')
    assert.equal(byTag.status, 'done', JSON.stringify(byTag.error))
    const { body } = await ask<{
      card: { licence: string; origin: { maker: string } }
      manifest: { source: { revision: string } }
    }>('GET', `/v1/packages/${byTag.package}`)
    assert.equal(body.card.licence, 'MIT')
    assert.equal(body.card.origin.maker, 'House of Models')
    assert.equal(body.manifest.source.revision, digest)
    const byDigest = await imported(
      `oci:127.0.0.1:${registry.port}/house/tiny@${digest}`,
      'tiny-oci',
    )
    assert.equal(byDigest.package, byTag.package)
  })

  test('gives a layer that only its type says is a model', async () => {
    await pushArtifact(registry.url, 'house/ollama', 'latest', [
      { bytes: anotherModel(21), mediaType: 'application/vnd.ollama.image.model' },
    ])
    const done = await imported(`oci:127.0.0.1:${registry.port}/house/ollama`, 'ollama-oci')
    assert.equal(done.status, 'done', JSON.stringify(done.error))
  })

  test('refuses whom it does not know, and what it does not have', async () => {
    const source = `oci:127.0.0.1:${registry.port}/house/tiny:1.0`
    const stranger = await importing({ source, endpoint: registry.url })
    assert.equal(stranger.error?.code, 'forbidden')
    const missing = await imported(`oci:127.0.0.1:${registry.port}/house/tiny:2.0`, 'x')
    assert.equal(missing.error?.code, 'not_found')
  })

  test('may send us for a token first', async () => {
    const asked: string[] = []
    const front = createServer(async (request, response) => {
      const { port } = front.address() as AddressInfo
      const url = new URL(request.url ?? '', `http://127.0.0.1:${port}`)
      asked.push(`${url.pathname}?${url.searchParams}`)
      if (url.pathname === '/token') {
        const right = request.headers.authorization === `Basic ${btoa(account)}`
        return response.writeHead(right ? 200 : 401).end(JSON.stringify({ token: 'of-the-realm' }))
      }
      if (request.headers.authorization !== 'Bearer of-the-realm') {
        const scope = 'repository:house/tiny:pull'
        const realm = `http://127.0.0.1:${port}/token`
        response.setHeader(
          'www-authenticate',
          `Bearer realm="${realm}",service="r",scope="${scope}"`,
        )
        return response.writeHead(401).end()
      }
      const behind = await fetch(new URL(url.pathname, registry.url), {
        headers: {
          authorization: `Basic ${btoa(account)}`,
          accept: request.headers.accept ?? '*/*',
        },
      })
      response.writeHead(behind.status).end(Buffer.from(await behind.arrayBuffer()))
    })
    await new Promise<void>((listening) => front.listen(0, '127.0.0.1', listening))
    const { port } = front.address() as AddressInfo
    await allow(port)
    const bytes = anotherModel(22)
    await pushArtifact(registry.url, 'house/tiny', 'token', [
      { bytes, mediaType: model, title: 'tiny.gguf' },
    ])
    const source = 'oci:registry.house.example/house/tiny:token'
    const endpoint = `http://127.0.0.1:${port}`
    const done = await imported(source, 'by-token', { endpoint })
    front.closeAllConnections()
    front.close()
    assert.equal(done.status, 'done', JSON.stringify(done.error))
    assert.ok(
      asked.includes('/token?service=r&scope=repository%3Ahouse%2Ftiny%3Apull'),
      String(asked),
    )
  })
})

test('sources are read strictly', () => {
  for (const endpoint of ['https://user:password@mirror.house/', 'https:///user@house', 'no url']) {
    const { success } = importInputSchema.safeParse({ source: 'hf:a/b', endpoint })
    assert.equal(success, false, 'credentials would stand in the list of imports')
  }
  assert.deepEqual(parseSource('hf:a/b/dir/m.gguf@refs/pr/1'), {
    kind: 'hf',
    repository: 'a/b',
    file: 'dir/m.gguf',
    revision: 'refs/pr/1',
  })
  assert.deepEqual(parseSource(`oci:host:5000/a/b:tag@sha256:${'0'.repeat(64)}`), {
    kind: 'oci',
    host: 'host:5000',
    repository: 'a/b',
    reference: `sha256:${'0'.repeat(64)}`,
  })
  for (const wrong of [
    'hf:a',
    'hf:../b',
    'hf:a/../c/m.gguf',
    'hf:a/b/../../c',
    'hf:a/b/x@y@z',
    'hf:a/b?x=y/m',
    'oci:host',
    'oci:host/UPPER',
    'oci:host/a:tag:tag',
    'oci:host/a@md5:00',
    'oci:user:pass@host/a',
    'oci:host/a/../b',
  ]) {
    assert.throws(() => parseSource(wrong), { code: 'invalid_request' }, wrong)
  }
  assert.ok(!isSource('./hf/model.gguf'))
})
