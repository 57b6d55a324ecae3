/** The lines of a batch: JSON lines in either dialect, one request each. */
import { z } from 'zod'
import { AppError, toAppError } from '../../errors.ts'
import { parseJson } from '../json-body.ts'

export const batchEndpoints = [
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/fim/completions',
  '/v1/ocr',
] as const
export type BatchEndpoint = (typeof batchEndpoints)[number]

export const linesMax = 1_000_000

/** OpenAI's line names method and url; Mistral's has only custom_id and body. */
const lineSchema = z.looseObject({
  custom_id: z.string().max(500).nullish(),
  body: z.record(z.string(), z.unknown()),
  method: z.string().nullish(),
  url: z.string().nullish(),
})

export interface BatchLine {
  index: number
  customId: string | null
  body: Record<string, unknown> | null
  /** Why the line cannot be run. */
  error: AppError | null
}

export function parseLine(text: string, index: number, endpoint: BatchEndpoint): BatchLine {
  try {
    const parsed = lineSchema.safeParse(parseJson(text))
    if (parsed.success) {
      const { custom_id: customId, body, url } = parsed.data
      if (url && url.replace(/^\/openai\//, '/') !== endpoint) {
        const reason = `its url is not ${endpoint}, the endpoint of the batch.`
        const error = new AppError('invalid_request', `Line ${index + 1} cannot be run: ${reason}`)
        return { index, customId: customId ?? null, body: null, error }
      }
      return { index, customId: customId ?? null, body, error: null }
    }
    const issue = parsed.error.issues[0]
    const reason = `${issue?.path.join('.')}: ${issue?.message}`
    throw new AppError('invalid_request', `Line ${index + 1} is no batch request: ${reason}`)
  } catch (error) {
    return { index, customId: null, body: null, error: toAppError(error) }
  }
}

/** Splits a stream into its non-empty lines. A line longer than the limit is an error of its own. */
export async function* splitLines(
  source: AsyncIterable<Uint8Array>,
  lineLimitBytes: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8')
  const checked = (line: string) => {
    if (line.length <= lineLimitBytes) return line
    throw new AppError('too_large', `A line of the file is longer than ${lineLimitBytes} bytes.`)
  }
  let rest = ''
  for await (const chunk of source) {
    rest += decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop()!
    for (const line of lines) if (checked(line).trim() !== '') yield line
    checked(rest)
  }
  rest += decoder.decode()
  if (checked(rest).trim() !== '') yield rest
}
