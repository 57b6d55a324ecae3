/** Models carried from one installation to another in one file, and files that were meant to do harm. */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import canonicalize from 'canonicalize'
import { extract, type Header, pack } from 'tar-stream'
import { type Manifest, packageHash } from '../src/models/manifest.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

interface Part {
  header: Pick<Header, 'name'> & Partial<Header>
  content: Buffer
}

let maker: RunningProgram
let taker: RunningProgram
let bundle: string
let parts: Part[]

async function unpack(bytes: Buffer): Promise<Part[]> {
  const archive = extract()
  Readable.from(bytes).pipe(archive)
  const found: Part[] = []
  for await (const entry of archive) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    found.push({ header: entry.header, content: Buffer.concat(chunks) })
  }
  return found
}

async function packed(some: Part[]): Promise<Buffer> {
  const archive = pack()
  for (const { header, content } of some) {
    const { name, type, linkname } = header
    const isFile = (type ?? 'file') === 'file'
    const described = { name, ...(type && { type }), ...(linkname && { linkname }) }
    if (isFile) archive.entry({ ...described, size: content.length }, content)
    else archive.entry({ ...described, size: 0 }, '')
  }
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function importBytes(bytes: Buffer) {
  const response = await fetch(new URL('/v1/bundles', taker.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${taker.key}`, 'content-type': 'application/x-tar' },
    body: new Uint8Array(bytes),
  })
  return { status: response.status, text: await response.text() }
}

async function get(program: RunningProgram, path: string) {
  const response = await fetch(new URL(path, program.url), {
    headers: { authorization: `Bearer ${program.key}` },
  })
  return response.json()
}

const packagesOf = async (program: RunningProgram) =>
  ((await get(program, '/v1/packages')) as { data: { hash: string; name: string }[] }).data

function modelFilesOf(program: RunningProgram): string[] {
  const folder = join(program.folder, 'models')
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String).sort() : []
}

before(async () => {
  maker = await startProgram()
  taker = await startProgram()
  await importTinyModels(maker)
  bundle = join(maker.folder, 'models.bundle')
  const made = await maker.command('model', 'bundle', 'export', bundle, 'tiny', 'tiny-embed')
  assert.equal(made.code, 0, made.errors)
  parts = await unpack(readFileSync(bundle))
})

after(async () => {
  await maker?.[Symbol.asyncDispose]()
  await taker?.[Symbol.asyncDispose]()
})

describe('a bundle made to do harm is refused, and nothing is kept of it', () => {
  const named = (name: string) => parts.find(({ header }) => header.name === name)!
  const model = () => parts.find(({ header }) => header.name.startsWith('models/'))!
  const swap = (old: Part, ...by: Part[]) => parts.flatMap((part) => (part === old ? by : [part]))

  /** A bundle with another index, signed by somebody. */
  function resigned(change: (index: Record<string, unknown>) => void): Part[] {
    const index = JSON.parse(named('bundle.json').content.toString())
    change(index)
    const content = Buffer.from(canonicalize(index)!)
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    const signature = {
      fingerprint: createHash('sha256').update(spki).digest('hex').slice(0, 32),
      publicKey: spki.toString('base64'),
      signature: sign(null, content, privateKey).toString('base64'),
    }
    return parts.map((part) => {
      if (part === named('bundle.json')) return { ...part, content }
      if (part !== named('bundle.sig.json')) return part
      return { ...part, content: Buffer.from(JSON.stringify(signature)) }
    })
  }

  /** Another manifest under its own true hash: what a maker could have signed. */
  function relabel(index: Record<string, unknown>, change: (manifest: Manifest) => void): void {
    const [first] = index.packages as { hash: string; manifest: Manifest }[]
    change(first!.manifest)
    first!.hash = packageHash(first!.manifest)
  }

  const renamed = (name: string) => () =>
    swap(model(), { ...model(), header: { ...model().header, name } })
  const flipped = (part: Part, at: number) => {
    const content = Buffer.from(part.content)
    content[at]! ^= 1
    return { ...part, content }
  }
  const extra = (header: Part['header']) => () => [...parts, { header, content: Buffer.from('x') }]

  const harmful: Record<string, () => Part[]> = {
    'a swapped model file': () => swap(model(), flipped(model(), model().content.length - 5)),
    'a model file of another length': () =>
      swap(model(), { ...model(), content: Buffer.concat([model().content, Buffer.from('x')]) }),
    'a path that climbs': renamed('models/../../../../tmp/climbed'),
    'an absolute path': renamed('/tmp/absolute'),
    'a path with a NUL': renamed(`models/a\0b`),
    'a name in Unicode disguise': () => renamed(model().header.name.replace('models', 'mоdels'))(),
    'a name that only normalises to the right one': () =>
      renamed(model().header.name.replace('models/', 'models/\u200b'))(),
    'a symbolic link in place of a file': () =>
      swap(model(), {
        header: { name: model().header.name, type: 'symlink', linkname: '/etc/passwd' },
        content: Buffer.alloc(0),
      }),
    'a hard link in place of a file': () =>
      swap(model(), {
        header: { name: model().header.name, type: 'link', linkname: 'bundle.json' },
        content: Buffer.alloc(0),
      }),
    'a file more': extra({ name: 'models/more' }),
    'a link more': extra({ name: 'etc', type: 'symlink', linkname: '/etc' }),
    'a folder more': extra({ name: 'models/', type: 'directory' }),
    'a model twice': () => [...parts, model()],
    'no model': () => parts.filter((part) => part !== model()),
    'another order': () => [...parts].reverse(),
    'a changed index': () => swap(named('bundle.json'), flipped(named('bundle.json'), 40)),
    'a changed bill of materials': () =>
      swap(named('bom.cdx.json'), flipped(named('bom.cdx.json'), 40)),
    'no signature': () => parts.filter((part) => part !== named('bundle.sig.json')),
    'a changed card under an old hash, signed anew': () =>
      resigned((index) => {
        const [first] = index.packages as { manifest: { card: { licence: string } } }[]
        first!.manifest.card.licence = 'Apache-2.0'
      }),
    'a model that is not in it, signed anew': () =>
      resigned((index) => {
        index.files = []
      }),
    'a remote model, which takes an administrator to add, signed anew': () =>
      resigned((index) => {
        relabel(index, (manifest) => {
          manifest.engine = 'remote'
          manifest.settings = { baseUrl: 'http://10.0.0.1/v1', upstreamModel: 'm' }
        })
      }),
    'a format the file does not have, signed anew': () =>
      resigned((index) => {
        relabel(index, (manifest) => {
          for (const file of manifest.files) file.format = 'safetensors'
        })
      }),
    'a format nobody knows, signed anew': () =>
      resigned((index) => {
        index.format = 'bastide-bundle-9'
      }),
  }
  for (const [name, make] of Object.entries(harmful)) {
    test(name, async () => {
      const before = [await packagesOf(taker), modelFilesOf(taker)]
      const { status, text } = await importBytes(await packed(make()))
      assert.equal(status, 422, text)
      const { error } = JSON.parse(text)
      assert.match(error.message, /Nothing of it was kept/)
      assert.match(error.message, /^[ -~]+$/, 'what looks like another letter is spelled out')
      assert.deepEqual([await packagesOf(taker), modelFilesOf(taker)], before)
      for (const path of ['/tmp/climbed', '/tmp/absolute']) assert.ok(!existsSync(path))
    })
  }

  test('cut anywhere, or no archive at all', async () => {
    const whole = readFileSync(bundle)
    const before = [await packagesOf(taker), modelFilesOf(taker)]
    for (const bytes of [
      Buffer.from('not an archive, however long this text is made to be'.repeat(40)),
      Buffer.alloc(0),
      ...[0.001, 0.3, 0.7, 0.99].map((share) =>
        whole.subarray(0, Math.floor(whole.length * share)),
      ),
    ]) {
      const { status, text } = await importBytes(bytes)
      assert.equal(status, 422, text)
    }
    assert.deepEqual([await packagesOf(taker), modelFilesOf(taker)], before)
  })

  test('sixty seeded flips of a bit in what describes it', async () => {
    const whole = readFileSync(bundle)
    const described = parts
      .filter(({ header }) => !header.name.startsWith('models/'))
      .reduce((sum, { content }) => sum + 512 + Math.ceil(content.length / 512) * 512, 0)
    for (let seed = 1; seed <= 60; seed++) {
      const bytes = Buffer.from(whole)
      bytes[(seed * 7919) % described]! ^= 1 << (seed % 8)
      const { status } = await importBytes(bytes)
      // Padding and unused header fields carry nothing: a flip there may pass, and changes nothing.
      assert.ok(status === 422 || status === 201, String(status))
    }
  })
})

test('the models arrive with their cards and hashes, and answer', async () => {
  const fresh = await startProgram()
  try {
    const taken = await fresh.command('model', 'bundle', 'import', bundle)
    assert.equal(taken.code, 0, taken.errors)
    assert.match(taken.output, /Signed by somebody not listed here/)
    assert.match(taken.output, /call it as tiny\n/)
    const names = (await packagesOf(maker)).filter(({ name }) => name.startsWith('tiny'))
    const arrived = await packagesOf(fresh)
    for (const one of names) assert.ok(arrived.some(({ hash }) => hash === one.hash))
    const answer = await fetch(new URL('/v1/chat/completions', fresh.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${fresh.key}` },
      body: JSON.stringify({
        model: 'tiny',
        messages: [{ role: 'user', content: 'x' }],
        max_tokens: 2,
      }),
    })
    assert.equal(answer.status, 200)
    const again = await fresh.command('model', 'bundle', 'import', bundle)
    assert.equal(again.code, 0, again.errors)
  } finally {
    await fresh[Symbol.asyncDispose]()
  }
})

test('where only listed makers count, a stranger’s bundle is refused until they are listed', async () => {
  const environment = { BASTIDE_IMPORT_POLICY: 'listed-signers' }
  const strict = await startProgram({ environment })
  try {
    const refused = await strict.command('model', 'bundle', 'import', bundle)
    assert.notEqual(refused.code, 0)
    assert.match(refused.errors, /not trusted here/)
    assert.equal(modelFilesOf(strict).filter((name) => /^..\//.test(name)).length, 0)
    const { data } = (await get(maker, '/v1/signers')) as {
      data: { own: boolean; public_key: string }[]
    }
    const { public_key } = data.find(({ own }) => own)!
    await fetch(new URL('/v1/signers', strict.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${strict.key}` },
      body: JSON.stringify({ name: 'head office', public_key }),
    })
    const taken = await strict.command('model', 'bundle', 'import', bundle, '--json')
    assert.equal(taken.code, 0, taken.errors)
    const { signer, packages } = JSON.parse(taken.output)
    assert.equal(signer.name, 'head office')
    // The maker signed the bundle, not the packages: they wait until somebody listed vouches for them.
    assert.ok(packages.every((one: { policy: { allowed: boolean } }) => !one.policy.allowed))
  } finally {
    await strict[Symbol.asyncDispose]()
  }
})

test('the bills of materials follow the CycloneDX schema', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
  const carried = parts.find(({ header }) => header.name === 'bom.cdx.json')!.content.toString()
  const models = JSON.stringify(await get(maker, '/v1/bom/models'))
  const program = JSON.stringify(await get(maker, '/v1/bom/program'))
  for (const text of [carried, models, program]) {
    assert.equal(await validator.validate(text), null)
  }
  assert.match(program, /pkg:npm\/%40electric-sql\/pglite@/)
  assert.doesNotMatch(program, /playwright/)
  const { components } = JSON.parse(carried)
  assert.deepEqual(components.map((one: { name: string }) => one.name).sort(), [
    'tiny',
    'tiny-embed',
  ])
})

test('a file that exists is not overwritten, and a remote model cannot be carried', async () => {
  writeFileSync(join(maker.folder, 'there'), 'x')
  const there = await maker.command(
    'model',
    'bundle',
    'export',
    join(maker.folder, 'there'),
    'tiny',
  )
  assert.match(there.errors, /exists/)
  await maker.command('model', 'remote', 'far', '--url', 'http://10.0.0.1/v1', '--model', 'm')
  const far = await maker.command('model', 'bundle', 'export', join(maker.folder, 'far'), 'far')
  assert.match(far.errors, /nothing to carry/)
})
