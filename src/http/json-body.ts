/** Reads a JSON body within bounds and says clearly what is wrong with it. */
import type { IncomingMessage } from 'node:http'
import { AppError } from '../errors.ts'

const depthMax = 100
const decoder = new TextDecoder('utf-8', { fatal: true })

export async function readJsonBody(content: IncomingMessage, limitBytes: number): Promise<unknown> {
  const bytes = await readBytes(content, limitBytes)
  if (bytes.length === 0) {
    throw new AppError('invalid_request', 'The request has no body. Send a JSON object.')
  }
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch (error) {
    throw new AppError('invalid_request', 'The body is not valid UTF-8.', { cause: error })
  }
  return parseJson(text)
}

/** A body's bytes as they come; a connection that breaks is the caller's leaving, no failure here. */
export async function* callersBytes(content: AsyncIterable<Uint8Array>, signal: AbortSignal) {
  try {
    yield* content
    // Whoever lost their access meanwhile puts nothing in any more.
    signal.throwIfAborted()
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('cancelled', 'The caller left before the body was whole.', { cause: error })
  }
}

/** Parses JSON text; refuses duplicated keys (two readers could see two requests) and deep nesting. */
export function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : ''
    throw new AppError('invalid_request', `The body is not valid JSON: ${reason}`, { cause: error })
  }
  if (countMembers(value) !== countColonsOutsideStrings(text)) {
    throw new AppError('invalid_request', 'The body has the same key twice in one object.')
  }
  return value
}

/** Every member of every object in a JSON text has exactly one colon outside strings. */
function countColonsOutsideStrings(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x3a) count += 1
    if (code !== 0x22) continue
    for (index += 1; text.charCodeAt(index) !== 0x22; index++) {
      if (text.charCodeAt(index) === 0x5c) index += 1
    }
  }
  return count
}

function countMembers(root: unknown): number {
  let count = 0
  const waiting: [value: unknown, depth: number][] = [[root, 0]]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, depth] = next
    if (typeof value !== 'object' || value === null) continue
    if (depth > depthMax) {
      throw new AppError('invalid_request', `The body is nested deeper than ${depthMax} levels.`)
    }
    const children = Array.isArray(value) ? value : Object.values(value)
    if (!Array.isArray(value)) count += children.length
    for (const child of children) {
      if (typeof child === 'object' && child !== null) waiting.push([child, depth + 1])
    }
  }
  return count
}

/** The body's bytes; `too_large` as soon as the limit is passed. */
async function readBytes(content: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new AppError(
      'too_large',
      `The body is larger than ${Math.round(limitBytes / 2 ** 20)} MB. Send less, or raise BASTIDE_BODY_LIMIT_MB.`,
    )
  if (Number(content.headers['content-length'] ?? 0) > limitBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  try {
    // Left open when it is too large, so that the answer can still be sent.
    for await (const chunk of content.iterator({ destroyOnReturn: false })) {
      sizeBytes += chunk.length
      if (sizeBytes > limitBytes) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('cancelled', 'The caller left before the body was whole.', { cause: error })
  }
  return chunks.length === 1 ? Buffer.from(chunks[0]!) : Buffer.concat(chunks)
}
