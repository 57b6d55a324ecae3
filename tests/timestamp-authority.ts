/** A real time-stamping authority for tests: OpenSSL's, with a root and a signer of its own, over HTTP. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TimestampAuthority {
  url: string
  port: number
  /** PEM of the root that signed the authority's certificate. */
  root: string
  /** Answers a request as the authority would. */
  answer(request: Uint8Array): Buffer
  close(): void
}

const settings = (folder: string) => `
[tsa]
default_tsa = own
[own]
serial = ${folder}/serial
crypto_device = builtin
signer_cert = ${folder}/tsa.pem
certs = ${folder}/root.pem
signer_key = ${folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
`

/** Null where OpenSSL is not installed. */
export async function startTimestampAuthority(): Promise<TimestampAuthority | null> {
  if (spawnSync('openssl', ['version']).error) return null
  const folder = mkdtempSync(join(tmpdir(), 'bastide-tsa-'))
  const file = (name: string) => join(folder, name)
  const run = (args: string[], input?: Uint8Array) => {
    const { status, stderr, stdout } = spawnSync('openssl', args, { cwd: folder, input })
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  writeFileSync(file('ts.cnf'), settings(folder))
  writeFileSync(file('serial'), '01\n')
  writeFileSync(
    file('tsa.ext'),
    'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n',
  )
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  run([
    'req',
    '-x509',
    ...key,
    '-keyout',
    'root.key',
    '-out',
    'root.pem',
    '-days',
    '30',
    '-subj',
    '/CN=Test root',
  ])
  run(['req', ...key, '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Test authority'])
  run([
    ...['x509', '-req', '-in', 'tsa.csr', '-CA', 'root.pem', '-CAkey', 'root.key'],
    ...['-CAcreateserial', '-days', '30', '-extfile', 'tsa.ext', '-out', 'tsa.pem'],
  ])
  const answer = (request: Uint8Array) => {
    writeFileSync(file('request'), request)
    run(['ts', '-reply', '-config', 'ts.cnf', '-queryfile', 'request', '-out', 'answer'])
    return readFileSync(file('answer'))
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    response
      .writeHead(200, { 'content-type': 'application/timestamp-reply' })
      .end(answer(Buffer.concat(chunks)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/tsr`,
    port,
    root: readFileSync(file('root.pem'), 'utf8'),
    answer,
    close() {
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
