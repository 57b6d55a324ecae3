/** Server-sent events, read with bounds: the other side is not trusted to be sane. */
import { AppError } from '../../errors.ts'

const limits = { lineBytes: 2 ** 20, totalBytes: 256 * 2 ** 20 }

const tooLarge = () =>
  new AppError('upstream_failed', 'The remote server sent more than the allowed amount of data.')

/** The `data` of each event; comments, names and ids are skipped. */
export async function* serverSentData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let data: string[] = []
  let total = 0
  for await (const chunk of body) {
    total += chunk.length
    if (total > limits.totalBytes) throw tooLarge()
    rest += decoder.decode(chunk, { stream: true })
    let start = 0
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      const line = rest.slice(start, rest[end - 1] === '\r' ? end - 1 : end)
      start = end + 1
      if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
      else if (line === '' && data.length > 0) {
        yield data.join('\n')
        data = []
      }
    }
    rest = rest.slice(start)
    if (rest.length > limits.lineBytes || data.length > 10_000) throw tooLarge()
  }
  if (rest.startsWith('data:')) data.push(rest.slice(rest[5] === ' ' ? 6 : 5).trimEnd())
  if (data.length > 0) yield data.join('\n')
}

/** A whole body as text, up to the bound. */
export async function boundedText(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<string> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of body) {
    total += chunk.length
    if (total > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return (chunks.length === 1 ? Buffer.from(chunks[0]!) : Buffer.concat(chunks)).toString('utf8')
}
