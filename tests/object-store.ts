/** An S3-compatible server of one's own, for tests. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const bucket = 'bastide'
/** The one account it knows. */
export const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'a secret of the store' }
export const region = 'eu-central-1'

const server = new URL('object-store-server.ts', import.meta.url).pathname

export async function startObjectStore() {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-s3-'))
  // It seals the places of its listings with a cipher that OpenSSL keeps for legacy programs.
  const child = spawn(process.execPath, ['--openssl-legacy-provider', server, folder], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const port = await new Promise<number>((listening, failed) => {
    createInterface({ input: child.stdout! }).once('line', (line) => listening(Number(line)))
    child.once('exit', (code) => failed(new Error(`the store ended with ${code}`)))
  })
  const url = `http://127.0.0.1:${port}/${bucket}`
  return {
    url,
    port,
    /** Where it keeps its objects. */
    folder,
    /** The program's settings that name it. */
    settings: {
      BLOBS_URL: url,
      BLOBS_ACCESS_KEY_ID: credentials.accessKeyId,
      BLOBS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      BLOBS_REGION: region,
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
