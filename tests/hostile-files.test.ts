/**
 * Goal: a file made to do harm is refused or read within its limits, leaves nothing behind and costs
 * nobody else anything. Method: hostile model files, pictures and PDFs through the real program.
 */
import assert from 'node:assert/strict'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import { type RunningProgram, startProgram } from './running-program.ts'

let program: RunningProgram

before(async () => {
  program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
})

async function post(path: string, body: BodyInit, type: string) {
  const response = await fetch(new URL(path, program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program.key}`, 'content-type': type },
    body,
  })
  return { status: response.status, text: await response.text() }
}

function assertClear(text: string): void {
  const { error } = JSON.parse(text) as { error: { message: string; code: string } }
  assert.ok(error.message.length > 15, text)
  assert.notEqual(error.code, 'internal', text)
  assert.doesNotMatch(text, /node_modules|\.ts:\d|\.js:\d|\/work\/|\/tmp\//)
}

async function assertHealthy(): Promise<void> {
  assert.equal((await fetch(new URL('/health', program.url))).status, 200)
}

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const uint64 = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}
const largest = 2n ** 64n - 1n

function gguf(version: number, tensors: bigint, pairs: bigint, ...rest: Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from('GGUF'),
    uint32(version),
    uint64(tensors),
    uint64(pairs),
    ...rest,
  ])
}

function ggufText(text: string): Buffer {
  return Buffer.concat([uint64(BigInt(text.length)), Buffer.from(text)])
}

function safetensors(header: string, claimed = BigInt(Buffer.byteLength(header))): Buffer {
  return Buffer.concat([uint64(claimed), Buffer.from(header), Buffer.alloc(64)])
}

describe('hostile model files are refused and not kept', () => {
  const arrayType = uint32(9)
  const nest = Buffer.concat(Array.from({ length: 5000 }, () => [arrayType, uint64(1n)]).flat())
  const tensor = (offsets: [number, number]) =>
    JSON.stringify({ w: { dtype: 'F32', shape: [4], data_offsets: offsets } })
  const files: Record<string, Buffer> = {
    'an empty file': Buffer.alloc(0),
    'GGUF and nothing else': Buffer.from('GGUF'),
    'GGUF of version 99': gguf(99, 0n, 0n),
    'GGUF with 2^64 tensors': gguf(3, largest, 0n),
    'GGUF with 2^64 metadata entries': gguf(3, 0n, largest),
    'GGUF with a name of 2^64 bytes': gguf(3, 0n, 1n, uint64(largest)),
    'GGUF with arrays in arrays': gguf(3, 0n, 1n, ggufText('a'), arrayType, nest),
    'GGUF with an array of 2^40 items': gguf(
      3,
      0n,
      1n,
      ggufText('a'),
      arrayType,
      uint32(4),
      uint64(2n ** 40n),
    ),
    'GGUF with a value type nobody knows': gguf(3, 0n, 1n, ggufText('a'), uint32(77)),
    'ONNX of garbage': Buffer.concat([Buffer.from([0x08, 0x07]), Buffer.alloc(300, 0xff)]),
    'ONNX with a field beyond its end': Buffer.from([0x08, 0x07, 0x3a, 0xff, 0xff, 0xff, 0x7f]),
    'safetensors that is no JSON': safetensors('{"w": not json}'),
    'safetensors with a tensor beyond its end': safetensors(tensor([0, 1 << 30])),
    'safetensors with a tensor backwards': safetensors(tensor([32, 16])),
    'safetensors with the wrong size': safetensors(tensor([0, 12])),
  }
  for (const [about, bytes] of Object.entries(files)) {
    test(about, async () => {
      const answer = await post(
        '/v1/model-files',
        new Uint8Array(bytes),
        'application/octet-stream',
      )
      assert.equal(answer.status, 422, answer.text)
      assertClear(answer.text)
      const folder = join(program.folder, 'models')
      const kept = existsSync(folder) ? globSync(`${folder}/*/*`) : []
      assert.deepEqual(kept, [])
      await assertHealthy()
    })
  }
})

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  body.copy(bytes, 4)
  bytes.writeUInt32BE(crc32(body), 8 + data.length)
  return bytes
}

function png(width: number, height: number, idat: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.writeUInt8(8, 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', idat),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

describe('hostile pictures end clearly', () => {
  const zeros = (bytes: number) => deflateSync(Buffer.alloc(bytes))
  const pictures: [about: string, statuses: number[], bytes: () => Buffer][] = [
    ['a header of 100000 x 100000', [422], () => png(100_000, 100_000, zeros(1000))],
    ['a header of 2^31 x 1', [422], () => png(2 ** 31 - 1, 1, zeros(1000))],
    ['a header of 0 x 0', [422], () => png(0, 0, zeros(10))],
    ['cut off in the middle', [422], () => png(500, 500, zeros(500 * 501)).subarray(0, 100)],
    ['without its data', [422], () => png(500, 500, Buffer.alloc(0))],
    ['data of another kind', [422], () => png(500, 500, Buffer.alloc(500, 9))],
    // 300 MB behind a picture of 10 x 10: what is too much is not unpacked.
    ['a bomb in its data', [200, 422], () => png(10, 10, zeros(300 * 2 ** 20))],
    // As many pixels as are allowed, in 49 KB: read, and found blank.
    ['49 million pixels of nothing', [200], () => png(7000, 7000, zeros(7000 * 7001))],
  ]
  for (const [about, statuses, bytes] of pictures) {
    test(about, { timeout: 90_000 }, async () => {
      const image_url = `data:image/png;base64,${bytes().toString('base64')}`
      const json = JSON.stringify({ document: { type: 'image_url', image_url } })
      const answer = await post('/v1/ocr', json, 'application/json')
      assert.ok(statuses.includes(answer.status), `${answer.status} ${answer.text.slice(0, 300)}`)
      if (answer.status !== 200) assertClear(answer.text)
      await assertHealthy()
    })
  }
})

const pdfFolder = new URL('../../shared/data/docai/hostile-pdf/', import.meta.url).pathname
const noPdfs = existsSync(pdfFolder) ? false : `no hostile PDFs at ${pdfFolder}`

describe('hostile PDFs end clearly', { skip: noPdfs, concurrency: 2 }, () => {
  const names = noPdfs ? [] : readdirSync(pdfFolder).filter((name) => name.endsWith('.pdf'))
  for (const name of names) {
    test(basename(name), { timeout: 120_000 }, async () => {
      const bytes = readFileSync(join(pdfFolder, name))
      const document_url = `data:application/pdf;base64,${bytes.toString('base64')}`
      const json = JSON.stringify({ document: { type: 'document_url', document_url } })
      const answer = await post('/v1/ocr', json, 'application/json')
      assert.ok(
        [200, 413, 422].includes(answer.status),
        `${answer.status} ${answer.text.slice(0, 300)}`,
      )
      if (answer.status !== 200) assertClear(answer.text)
      await assertHealthy()
    })
  }
})
