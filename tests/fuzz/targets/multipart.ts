/** An input is the value of Content-Type, a line feed, and the body. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { AppError } from '../../../src/errors.ts'
import { readUpload } from '../../../src/http/multipart.ts'
import { chunked } from '../chunks.ts'
import { type FuzzTarget, outcomeOf } from '../target.ts'

function form(...parts: [headers: string, content: string][]): Buffer {
  const body = parts.map(([headers, content]) => `--edge\r\n${headers}\r\n\r\n${content}\r\n`)
  return Buffer.from(`multipart/form-data; boundary=edge\n${body.join('')}--edge--\r\n`)
}

const field = 'Content-Disposition: form-data; name="purpose"'
const upload = (name: string) =>
  `Content-Disposition: form-data; name="file"; filename=${name}\r\nContent-Type: text/plain`

interface Upload {
  name: string
  mimeType: string
  content: string
  fields: [string, string][]
}

/** What one way of cutting the stream came to. */
async function outcome(input: Buffer, sizeBytes: number): Promise<Upload | string> {
  const end = input.indexOf(10)
  const contentType = input.subarray(0, Math.max(0, end)).toString('latin1')
  const headers = new Headers()
  try {
    headers.set('content-type', contentType)
  } catch {
    // Node's own server would not have let it through.
    return 'no header'
  }
  const request = new Request('http://localhost/', { method: 'POST', headers })
  const content = Readable.from(chunked(input.subarray(end + 1), sizeBytes))
  const { signal } = new AbortController()
  try {
    return await readUpload({ request, content, signal }, async (file, fields) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of file.content) chunks.push(chunk)
      const { name, mimeType } = file
      const bytes = Buffer.concat(chunks).toString('base64')
      return { name, mimeType, content: bytes, fields: [...(await fields())] }
    })
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_request') return error.message
    throw error
  }
}

export const target: FuzzTarget = {
  name: 'multipart',
  patienceMs: 2000,
  dictionary: [
    ...['--edge', '--edge--', '\r\n\r\n', '\r\n', "filename*=UTF-8''a%20b", 'name="file"', '\0'],
    ...['Content-Transfer-Encoding: base64', 'boundary=', '; charset=utf-16', '"\\""', '../../x'],
    ...['__proto__', 'a'.repeat(9000)],
  ],
  async seeds() {
    return [
      form([field, 'batch'], [upload('"a.jsonl"'), '{"a":1}\n{"b":2}\n'], [field, 'x']),
      form([upload('"..\\\\ü.txt"'), '\r\n--edg\r\n-'.repeat(400)]),
      form([upload('a'), ''], [upload('b'), '']),
      form([field, 'only']),
    ]
  },
  async take(bytes) {
    const outcomes = [
      await outcome(bytes, bytes.length),
      await outcome(bytes, 1),
      await outcome(bytes, 61),
    ]
    for (const other of outcomes.slice(1)) assert.deepEqual(other, outcomes[0])
    const [first] = outcomes
    if (typeof first === 'string') return outcomeOf(first)
    assert.ok(first!.name.length > 0 && !/[\\/\0]/.test(first!.name), first!.name)
    return `taken, ${first!.fields.length} fields`
  },
}
