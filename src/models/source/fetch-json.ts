/** Asks the server of a source for JSON of a known shape. */
import type { z } from 'zod'
import { discard, type Egress, readWhole } from '../../egress.ts'
import { AppError } from '../../errors.ts'

const bytesMax = 32 * 2 ** 20

export async function fetchJson<T extends z.ZodType>(
  egress: Egress,
  wanted: { url: string; authorization: string | null; schema: T; what: string },
): Promise<{ body: z.infer<T> }> {
  const { url, authorization, schema, what } = wanted
  const answer = await egress.fetch(url, {
    purpose: 'model import',
    headers: { accept: 'application/json', ...(authorization && { authorization }) },
    silenceMaxMs: 30_000,
  })
  if (!answer.ok) {
    discard(answer)
    throw refusedBy(url, answer.status, what)
  }
  const bytes = await readWhole(answer, bytesMax)
  try {
    return { body: schema.parse(JSON.parse(bytes.toString())) }
  } catch (error) {
    const { host } = new URL(url)
    throw new AppError('upstream_failed', `${host} answered something else than ${what}.`, {
      cause: error,
    })
  }
}

export function refusedBy(url: string, status: number, what: string): AppError {
  const { host } = new URL(url)
  if (status === 404) return new AppError('not_found', `${host} does not have ${what}.`)
  if (status === 401 || status === 403) {
    return new AppError(
      'forbidden',
      `${host} does not give ${what} to us (${status}). If it takes a token, store it with PUT /v1/secrets/NAME and name the secret.`,
    )
  }
  return new AppError('upstream_failed', `${host} answered ${status} when asked for ${what}.`)
}
