/** A registry of the system's packages (CNCF Distribution), on a port and a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const program = '/usr/bin/docker-registry'
export const registryIsThere = existsSync(program)

/** `user:password`; the file holds the password's bcrypt hash, which is all that the registry takes. */
export const account = 'bastide:of the registry'
const accounts = 'bastide:$2b$04$abcdefghijklmnopqrstuu3ELjo2npDMrgrMf1sz87QlzKXxexGoi\n'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}

export async function startRegistry() {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-registry-'))
  const port = await freePort()
  writeFileSync(join(folder, 'accounts'), accounts)
  writeFileSync(
    join(folder, 'config.yml'),
    `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${folder}/data } }
http: { addr: 127.0.0.1:${port} }
auth: { htpasswd: { realm: test, path: ${folder}/accounts } }
`,
  )
  const child: ChildProcess = spawn(program, ['serve', join(folder, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(`${url}/v2/`).catch(() => null)
    if (answer) break
    if (attempt > 100) throw new Error('the registry does not start')
    await new Promise((resume) => setTimeout(resume, 100))
  }
  return {
    url,
    port,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const authorization = `Basic ${Buffer.from(account).toString('base64')}`

async function pushBlob(url: string, repository: string, bytes: Uint8Array<ArrayBuffer>) {
  const begun = await fetch(`${url}/v2/${repository}/blobs/uploads/`, {
    method: 'POST',
    headers: { authorization },
  })
  const place = new URL(begun.headers.get('location')!, url)
  place.searchParams.set('digest', digestOf(bytes))
  const headers = { authorization, 'content-type': 'application/octet-stream' }
  const pushed = await fetch(place, { method: 'PUT', headers, body: bytes })
  if (pushed.status !== 201) throw new Error(`pushing a blob: ${pushed.status}`)
}

/** Pushes an artifact as ORAS does, one layer a file; returns the manifest's digest. */
export async function pushArtifact(
  url: string,
  repository: string,
  tag: string,
  layers: { bytes: Uint8Array<ArrayBuffer>; mediaType: string; title?: string }[],
): Promise<string> {
  const config = new TextEncoder().encode('{}')
  for (const bytes of [config, ...layers.map((layer) => layer.bytes)]) {
    await pushBlob(url, repository, bytes)
  }
  const manifest = new TextEncoder().encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: digestOf(config),
        size: config.length,
      },
      layers: layers.map(({ bytes, mediaType, title }) => ({
        mediaType,
        digest: digestOf(bytes),
        size: bytes.length,
        ...(title && { annotations: { 'org.opencontainers.image.title': title } }),
      })),
      annotations: {
        'org.opencontainers.image.licenses': 'MIT',
        'org.opencontainers.image.vendor': 'House of Models',
      },
    }),
  )
  const pushed = await fetch(`${url}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
    body: manifest,
  })
  if (pushed.status !== 201) throw new Error(`pushing a manifest: ${await pushed.text()}`)
  return digestOf(manifest)
}
