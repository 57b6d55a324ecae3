import assert from 'node:assert/strict'
import { AppError } from '../../../src/errors.ts'
import { parseLine, splitLines } from '../../../src/http/batch/lines.ts'
import { chunked } from '../chunks.ts'
import { type FuzzTarget, outcomeOf } from '../target.ts'

const lineLimitBytes = 2000

async function linesOf(bytes: Buffer, sizeBytes: number): Promise<string[]> {
  const lines: string[] = []
  async function* source() {
    yield* chunked(bytes, sizeBytes)
  }
  try {
    for await (const line of splitLines(source(), lineLimitBytes)) lines.push(line)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'too_large') throw error
    lines.push(error.message)
  }
  return lines
}

const line = (body: unknown) =>
  JSON.stringify({ custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body })

export const target: FuzzTarget = {
  name: 'json-lines',
  patienceMs: 2000,
  dictionary: [
    ...[
      '"custom_id":',
      '"url":',
      '"body":{',
      '/openai/v1/chat/completions',
      '\n',
      '\r\n',
      '\u2028',
    ],
    ...[
      '\ufeff',
      '{"a":1,"a":2}',
      '[[[[',
      '\\ud800',
      '"__proto__":',
      '1e999',
      '\xff\xfe',
      ' '.repeat(2100),
    ],
    '['.repeat(1000),
  ],
  async seeds() {
    const messages = [{ role: 'user', content: 'Grüße: "a"\\, 😀' }]
    return [
      Buffer.from(`${line({ messages })}\n\n${line({ input: ['a', 'b'] })}\r\n`),
      Buffer.from(`${line({ text: 'x'.repeat(1500) })}\n${line({ text: 'y'.repeat(2500) })}\n{`),
      Buffer.from(
        `${JSON.stringify({ body: {} })}\n${JSON.stringify({ custom_id: null, body: [] })}`,
      ),
    ]
  },
  async take(bytes) {
    const lines = await linesOf(bytes, bytes.length)
    for (const sizeBytes of [1, 7, 1024]) assert.deepEqual(await linesOf(bytes, sizeBytes), lines)
    const outcomes = lines.map((text, index) => {
      const { body, error } = parseLine(text, index, '/v1/chat/completions')
      assert.ok(body === null ? error !== null : error === null)
      if (error) assert.equal(error.code, 'invalid_request', `${error.cause}`)
      return error ? outcomeOf(error.message) : 'taken'
    })
    return [...new Set(outcomes)].sort().join('; ').slice(0, 200)
  },
}
