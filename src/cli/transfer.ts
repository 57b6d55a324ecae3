/** Large bytes between the server and a file, with a bar that says how long it takes. */
import { createReadStream, createWriteStream, rmSync, statSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Presets, SingleBar } from 'cli-progress'
import { AppError } from '../errors.ts'
import type { Client } from './client.ts'

export const mebibyte = 2 ** 20

/** A bar in MB on a terminal; nothing with --json, whose output is for programs. */
export function megabyteBar(label: string, totalBytes: number, json: boolean | undefined) {
  const bar = new SingleBar(
    {
      format: `${label} {bar} {value} of about {total} MB, {eta_formatted} left`,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  )
  if (!json) bar.start(Math.max(1, Math.ceil(totalBytes / mebibyte)), 0)
  return {
    update: (bytes: number) => bar.update(Math.floor(bytes / mebibyte)),
    stop: () => bar.stop(),
  }
}

/** Passes bytes on and tells how many there were so far. */
function counter(told: (bytes: number) => void): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      told(bytes)
      done(null, chunk)
    },
  })
}

/** Saves an answer as a file, under its own name only once it is whole. Returns its bytes. */
export async function saveAnswer(
  response: Response,
  path: string,
  label: string,
  json: boolean | undefined,
): Promise<number> {
  const expected = Number(response.headers.get('x-estimated-bytes') ?? 0)
  const bar = megabyteBar(label, expected, json)
  const partial = `${path}.partial`
  try {
    const file = createWriteStream(partial, { mode: 0o600, flush: true })
    await pipeline(Readable.fromWeb(response.body as never), counter(bar.update), file)
    await rename(partial, path)
  } catch (error) {
    rmSync(partial, { force: true })
    const message = `Writing ${path} broke off; nothing was kept of it.`
    throw new AppError('upstream_failed', message, { cause: error })
  } finally {
    bar.stop()
  }
  return statSync(path).size
}

/** Sends a file as a request's body and returns the answer. */
export async function sendFile<T>(
  client: Client,
  path: string,
  to: { place: string; mimeType: string; label: string; json: boolean | undefined },
): Promise<T> {
  const bar = megabyteBar(to.label, statSync(path).size, to.json)
  const content = createReadStream(path, { highWaterMark: 1 << 20 }).pipe(counter(bar.update))
  try {
    const response = await client.fetch('POST', to.place, {
      body: Readable.toWeb(content) as ReadableStream,
      headers: { 'content-type': to.mimeType },
      duplex: 'half',
    } as RequestInit)
    return (await response.json()) as T
  } finally {
    bar.stop()
  }
}
