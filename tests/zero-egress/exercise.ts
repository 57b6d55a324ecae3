/**
 * Run inside a network namespace that has only a loopback interface: the whole program, every embedded
 * feature once, through the SDK-shaped API and the command line. Prints what it did, one line each.
 */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { createOnnxEngine } from '../../src/engines/onnx/engine.ts'
import { linearOnnx } from '../../src/models/formats/onnx-fixture.ts'
import { newDataFolder, runCommand, startProgram } from '../running-program.ts'
import { importTinyModels } from '../tiny-llama.ts'

const folder = newDataFolder()
const environment = { BASTIDE_ANCHOR_FOLDER: `${folder}-share` }
const program = await startProgram({ folder, environment })
const done = (what: string) => process.stdout.write(`did: ${what}\n`)

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(new URL(path, program.url), {
    method,
    headers: { authorization: `Bearer ${program.key}` },
    ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
  })
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response
}

const made = async (path: string, body: unknown) =>
  (await (await ask('POST', path, body)).json()) as { id: string; status: string }

async function ended(path: string, states: string[]): Promise<string> {
  for (;;) {
    const { status } = (await (await ask('GET', path)).json()) as { status: string }
    if (states.includes(status)) return status
    await new Promise((resume) => setTimeout(resume, 100))
  }
}

async function command(...args: string[]): Promise<void> {
  const { code, errors } = await program.command(...args)
  assert.equal(code, 0, `${args.join(' ')}: ${errors}`)
  done(`bastide ${args.slice(0, 2).join(' ')}`)
}

function upload(name: string, bytes: Uint8Array<ArrayBuffer> | string, purpose: string): FormData {
  const form = new FormData()
  form.set('file', new File([bytes], name))
  form.set('purpose', purpose)
  return form
}

const messages = [{ role: 'user', content: 'Say something' }]

async function generate(): Promise<void> {
  await importTinyModels(program)
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }
  const format = { type: 'json_schema', json_schema: { name: 'a', schema } }
  const chat = { model: 'tiny', messages, max_tokens: 8 }
  for (const body of [
    chat,
    { ...chat, stream: true },
    { ...chat, max_tokens: 60, response_format: format },
    { ...chat, logprobs: true, top_logprobs: 2 },
  ]) {
    await (await ask('POST', '/v1/chat/completions', body)).text()
  }
  await ask('POST', '/v1/completions', { model: 'tiny', prompt: 'a', max_tokens: 2 })
  await ask('POST', '/v1/fim/completions', {
    model: 'tiny',
    prompt: 'a',
    suffix: 'b',
    max_tokens: 2,
  })
  await ask('POST', '/v1/embeddings', { model: 'tiny-embed', input: ['a', 'b'] })
  done('chat, streams, schemas, completions, fill-in, embeddings')
}

async function read(): Promise<void> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="200">
    <rect width="100%" height="100%" fill="#fff"/>
    <text x="40" y="110" font-family="sans-serif" font-size="48">Nothing leaves the house</text></svg>`
  const png = await sharp(Buffer.from(svg)).png().toBuffer()
  const address = `data:image/png;base64,${png.toString('base64')}`
  await ask('POST', '/v1/ocr', { document: { type: 'image_url', image_url: address } })
  const document = await made('/v1/documents', upload('a.png', new Uint8Array(png), 'ocr'))
  assert.equal(await ended(`/v1/documents/${document.id}`, ['done', 'failed']), 'done')
  done('OCR, documents')
}

/** No route takes tensors yet, so the engine is asked itself; long enough for a library to call home. */
async function compute(): Promise<void> {
  const weights = join(folder, 'linear.onnx')
  const ones = Float32Array.of(1)
  writeFileSync(weights, linearOnnx({ inputs: 1, outputs: 1, weights: ones, bias: ones }))
  const engine = createOnnxEngine({ modelFolder: folder, memoryBudgetBytes: 1e9 })
  const model = { hash: '0'.repeat(64), name: 'linear', files: { weights }, settings: {} }
  const inputs = { x: { type: 'float32' as const, data: ones, shape: [1, 1] } }
  const { signal } = new AbortController()
  for await (const event of engine.run(model, { task: 'tensor', inputs }, { signal })) {
    if (event.type === 'tensors') assert.equal(event.outputs.y?.data[0], 2)
  }
  await new Promise((resume) => setTimeout(resume, 10_000))
  await engine.close()
  done('tensors')
}

/** Made on the command line, in its own process, and served. */
async function specialise(): Promise<void> {
  const rows = ['card', 'loan'].flatMap((label) =>
    Array.from({ length: 20 }, (_, at) => ({ text: `my ${label} number ${at}`, label })),
  )
  const data = join(folder, 'rows.jsonl')
  writeFileSync(data, rows.map((row) => JSON.stringify(row)).join('\n'))
  const to = join(folder, 'specialists')
  const train = ['forge', 'train', '--name', 'intents', '--data', data, '--test', data, '--to', to]
  const { code, errors } = await runCommand(train)
  assert.equal(code, 0, errors)
  await command('model', 'import', join(to, 'intents'), '--alias', 'intents')
  await ask('POST', '/v1/classifications', { model: 'intents', input: 'my card' })
  await ask('POST', '/v1/specialists/intents', { input: ['my loan'] })
  done('a specialist made and served')
}

async function batch(): Promise<void> {
  const body = { model: 'tiny', messages, max_tokens: 2 }
  const line = { custom_id: '1', method: 'POST', url: '/v1/chat/completions', body }
  const file = await made('/v1/files', upload('in.jsonl', `${JSON.stringify(line)}\n`, 'batch'))
  const started = await made('/v1/batches', {
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
  })
  assert.equal(await ended(`/v1/batches/${started.id}`, ['completed', 'failed']), 'completed')
  done('files, batches')
}

async function operate(): Promise<void> {
  for (const path of [
    '/',
    '/openapi.json',
    '/reference',
    '/metrics',
    '/v1/overview',
    '/v1/usage',
  ]) {
    await (await ask('GET', path)).text()
  }
  done('console, reference, metrics, overview, usage')
  const chain = join(folder, 'chain.jsonl')
  await command('key', 'create', 'a')
  await command('member', 'add', 'Ada')
  await command('usage')
  await command('egress', 'list')
  await command('audit', 'export', '--out', chain)
  assert.equal((await runCommand(['audit', 'verify', chain])).code, 0)
  await command('audit', 'anchor')
  await command('model', 'bundle', 'export', join(folder, 'models.bundle'), 'tiny')
  await command('backup', join(folder, 'backup.bastide'))
  await command('doctor')
}

await generate()
await read()
await compute()
await specialise()
await batch()
await operate()
await program[Symbol.asyncDispose]()
for (const path of [folder, `${folder}-share`]) rmSync(path, { recursive: true, force: true })
done('stop')
