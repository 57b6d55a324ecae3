/** Files in parts as the official `openai` package sends them, against the real program. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import OpenAI from 'openai'
import { apiClient, fileForm } from './api-client.ts'
import { compareEvidence, differs, witness } from './compatibility/witness.ts'
import { newDataFolder, type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

const folder = newDataFolder()
const environment = { BASTIDE_LOG_LEVEL: 'silent', BASTIDE_FILE_LIMIT_MB: '96' }

let program: RunningProgram
let openai: OpenAI
const { ask, made } = apiClient(() => program)

function connect(): void {
  const options = { apiKey: program.key, baseURL: `${program.url}/v1`, maxRetries: 0 }
  openai = witness('openai', new OpenAI(options))
}

before(async () => {
  program = await startProgram({ folder, environment })
  connect()
  await importTinyModels(program)
})
after(async () => {
  await program?.[Symbol.asyncDispose]()
  compareEvidence(import.meta.url)
})

const begin = (bytes: number, fields: object = {}) =>
  openai.uploads.create({
    filename: 'parts.txt',
    bytes,
    mime_type: 'text/plain',
    purpose: 'user_data',
    ...fields,
  })

async function addPart(uploadId: string, content: string | Uint8Array): Promise<string> {
  const data = new File([content as BlobPart], 'part')
  const part = await openai.uploads.parts.create(uploadId, { data })
  assert.equal(part.upload_id, uploadId)
  return part.id
}

/** Asserts that the client is refused with this status, in words that say why. */
async function assertRefused(call: Promise<unknown>, status: number, words: RegExp): Promise<void> {
  await assert.rejects(call, (error: InstanceType<typeof OpenAI.APIError>) => {
    assert.equal(error.status, status, error.message)
    assert.match(error.message, words)
    return true
  })
}

const storedBlobs = () =>
  globSync(join(folder, 'blobs', '**', '*')).filter((p) => /[0-9a-f]{80}$/.test(p))

test('parts are put together in the order that is named, and their blobs go', async () => {
  const stored = storedBlobs().length
  const upload = await begin(10)
  assert.equal(upload.status, 'pending')
  assert.equal(upload.expires_at - upload.created_at, 3600)
  const [second, first] = [await addPart(upload.id, 'world'), await addPart(upload.id, 'hello')]
  assert.equal(storedBlobs().length, stored + 2)
  const md5 = createHash('md5').update('helloworld').digest('hex')
  const done = await openai.uploads.complete(upload.id, { part_ids: [first, second], md5 })
  assert.equal(done.status, 'completed')
  assert.equal(done.filename, 'parts.txt')
  assert.equal(done.file!.bytes, 10)
  assert.equal(await (await openai.files.content(done.file!.id)).text(), 'helloworld')
  assert.equal((await openai.files.retrieve(done.file!.id)).purpose, 'user_data')
  assert.equal(storedBlobs().length, stored + 1)
})

test('the file runs as a batch and is read as a document', async () => {
  const body = { model: 'tiny', messages: [{ role: 'user', content: 'a' }], max_tokens: 2 }
  const line = { custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body }
  const text = `${JSON.stringify(line)}\n`
  const upload = await begin(Buffer.byteLength(text), { filename: 'in.jsonl', purpose: 'batch' })
  const parts = [
    await addPart(upload.id, text.slice(0, 40)),
    await addPart(upload.id, text.slice(40)),
  ]
  const { file } = await openai.uploads.complete(upload.id, { part_ids: parts })
  let batch = await openai.batches.create({
    input_file_id: file!.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  })
  for (let turn = 0; turn < 300 && batch.status !== 'completed'; turn++) {
    await new Promise((resume) => setTimeout(resume, 100))
    batch = await openai.batches.retrieve(batch.id)
  }
  assert.deepEqual(batch.request_counts, { total: 1, completed: 1, failed: 0 })

  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  )
  const image = await begin(png.length, { filename: 'dot.png', mime_type: 'image/png' })
  const half = Math.floor(png.length / 2)
  const pieces = [
    await addPart(image.id, png.subarray(0, half)),
    await addPart(image.id, png.subarray(half)),
  ]
  const whole = await openai.uploads.complete(image.id, { part_ids: pieces })
  const read = await made('/v1/ocr', {
    model: 'reader',
    document: { type: 'file', file_id: whole.file!.id },
  })
  assert.equal(read.pages.length, 1)
})

test('what does not fit the announced whole is refused, and the upload goes on', async () => {
  const upload = await begin(4)
  const [one, two, three] = [
    await addPart(upload.id, 'ab'),
    await addPart(upload.id, 'cd'),
    await addPart(upload.id, 'e'),
  ]
  const other = await begin(2)
  const foreign = await addPart(other.id, 'zz')
  const complete = (part_ids: string[], md5?: string) =>
    openai.uploads.complete(upload.id, { part_ids, ...(md5 && { md5 }) })
  await assertRefused(complete([one, three]), 400, /3 bytes, and 4 were announced/)
  await assertRefused(complete([one, one]), 400, /twice/)
  await assertRefused(complete([one, foreign]), 404, /No part/)
  await assertRefused(complete([one, 'part_none']), 404, /No part/)
  await assertRefused(complete([]), 400, /part_ids/)
  await assertRefused(complete([one, two], 'f'.repeat(32)), 400, /md5/)
  await assertRefused(complete([one, two], 'no md5'), 400, /md5/)
  // The right parts in another order are another file.
  const md5 = createHash('md5').update('abcd').digest('hex')
  await assertRefused(complete([two, one], md5), 400, /md5/)
  assert.equal((await complete([one, two], md5)).status, 'completed')
})

test('an upload ends once', async () => {
  const upload = await begin(1)
  const part = await addPart(upload.id, 'x')
  const both = await Promise.allSettled([
    openai.uploads.complete(upload.id, { part_ids: [part] }),
    openai.uploads.complete(upload.id, { part_ids: [part] }),
  ])
  assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1)
  await assertRefused(openai.uploads.complete(upload.id, { part_ids: [part] }), 409, /completed/)
  await assertRefused(openai.uploads.cancel(upload.id), 409, /completed/)
  await assertRefused(addPart(upload.id, 'y'), 409, /completed/)

  const blobsBefore = storedBlobs().length
  const given = await begin(1)
  const left = await addPart(given.id, 'x')
  assert.equal((await openai.uploads.cancel(given.id)).status, 'cancelled')
  assert.equal(storedBlobs().length, blobsBefore)
  await assertRefused(openai.uploads.complete(given.id, { part_ids: [left] }), 409, /cancelled/)
  await assertRefused(addPart(given.id, 'y'), 409, /cancelled/)
  await assertRefused(openai.uploads.cancel(given.id), 409, /cancelled/)
  await assertRefused(openai.uploads.cancel('upload_none'), 404, /No upload/)
})

test('sizes have their limits', async () => {
  differs(
    'openai',
    'uploads.create',
    'The size limit is BASTIDE_FILE_LIMIT_MB; expires_after is refused.',
  )
  await assertRefused(
    begin(1, { expires_after: { anchor: 'created_at', seconds: 3600 } }),
    400,
    /expires_after/,
  )
  await assertRefused(begin(97 * 2 ** 20), 413, /96 MB/)
  await assertRefused(begin(0), 400, /bytes/)
  const upload = await begin(90 * 2 ** 20)
  await assertRefused(addPart(upload.id, new Uint8Array(64 * 2 ** 20 + 1)), 413, /64 MB/)
  await assertRefused(addPart(upload.id, ''), 400, /empty/)
  const repeated = await begin(10)
  // One that is not needed may be there, because its answer was lost; not more.
  await addPart(repeated.id, new Uint8Array(64 * 2 ** 20))
  await assertRefused(addPart(repeated.id, 'eleven bytes'), 413, /announced/)
  assert.equal((await openai.uploads.cancel(repeated.id)).status, 'cancelled')
  const cut = await ask('POST', `/v1/uploads/${upload.id}/parts`, { data: 'no form' })
  assert.equal(cut.status, 400)
})

test('another workspace finds nothing of it', async () => {
  const upload = await begin(1)
  const part = await addPart(upload.id, 'x')
  const { key } = await made('/v1/workspaces', { name: 'other' })
  const other = new OpenAI({ apiKey: key, baseURL: `${program.url}/v1`, maxRetries: 0 })
  const data = new File(['y'], 'part')
  await assertRefused(other.uploads.parts.create(upload.id, { data }), 404, /No upload/)
  await assertRefused(other.uploads.complete(upload.id, { part_ids: [part] }), 404, /No upload/)
  await assertRefused(other.uploads.cancel(upload.id), 404, /No upload/)
  const own = await other.uploads.create({
    filename: 'own.txt',
    bytes: 1,
    mime_type: 'text/plain',
    purpose: 'user_data',
  })
  await assertRefused(other.uploads.complete(own.id, { part_ids: [part] }), 404, /No part/)
})

test('every step is in the audit log, without names', async () => {
  const { text } = await ask('GET', '/v1/audit?kind=upload.*&limit=1000')
  for (const kind of ['upload.create', 'upload.part', 'upload.complete', 'upload.cancel']) {
    assert.ok(text.includes(kind), kind)
  }
  assert.ok(!text.includes('parts.txt'))
})

test('parts that were acknowledged are there after a kill, and the whole is put together', async () => {
  const pieces = [randomBytes(3 * 2 ** 20), randomBytes(2 ** 20)]
  const upload = await begin(4 * 2 ** 20)
  const first = await addPart(upload.id, pieces[0]!)
  program.process.kill('SIGKILL')
  await once(program.process, 'exit')
  program = await startProgram({ folder, key: program.key, environment })
  connect()
  const { body } = await ask('GET', `/v1/uploads/${upload.id}`)
  assert.deepEqual(
    body.parts.map(({ id }: { id: string }) => id),
    [first],
  )
  const second = await addPart(upload.id, pieces[1]!)
  const done = await openai.uploads.complete(upload.id, { part_ids: [first, second] })
  const bytes = await (await openai.files.content(done.file!.id)).arrayBuffer()
  assert.ok(Buffer.from(bytes).equals(Buffer.concat(pieces)))
})

test('a file that is sent whole is listed beside it', async () => {
  const whole = await made('/v1/files', fileForm('whole.txt', 'whole', 'user_data'))
  const listed = await openai.files.list({ purpose: 'user_data' })
  assert.ok(listed.data.some(({ id }) => id === whole.id))
  assert.ok(listed.data.some(({ filename }) => filename === 'parts.txt'))
})
