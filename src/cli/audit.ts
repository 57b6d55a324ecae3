/** `bastide audit …`: export from the server, verify offline. */
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { verifyExport } from '../assurance/audit/verify.ts'
import { AppError } from '../errors.ts'
import { type ClientOptions, openClient } from './client.ts'
import { setExitCode } from './command-line.ts'
import { printJson, printLine } from './print.ts'

interface Status {
  records: number
  head: { seq: number; link: string; at: string | null }
  checkpoint: { seq: number; root: string; signed_at: string } | null
  public_key: string
  fingerprint: string
}

export async function exportAudit(options: ClientOptions & { out: string }): Promise<void> {
  const client = openClient(options)
  const response = await client.fetch('GET', '/v1/audit/export')
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
  await pipeline(body, createWriteStream(options.out, { mode: 0o600 }))
  const status = await client.request<Status>('GET', '/v1/audit/status')
  if (options.json) return printJson({ file: options.out, ...status })
  printLine(`Wrote ${options.out}. Verify it anywhere: ./bastide audit verify ${options.out}`)
  printLine(`Public key ${status.fingerprint}: ${status.public_key}`)
  printLine('Keep the public key apart from the export, e.g. in your contract or notary file.')
}

export async function verifyAudit(
  file: string,
  options: { key?: string; json?: boolean },
): Promise<void> {
  if (!existsSync(file)) throw new AppError('invalid_request', `There is no file ${file}.`)
  const key = options.key ? readKeyFile(options.key) : null
  const lines = createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  const result = await verifyExport(lines, key)
  setExitCode(result.intact ? 0 : 3)
  if (options.json) return printJson(result)
  if (result.problem) {
    printLine(
      `TAMPERED at record ${result.problem.seq} (${result.problem.kind}): ${result.problem.message}`,
    )
  } else {
    printLine(`Intact: ${result.records} records, ${result.checkpoints} signed checkpoints.`)
  }
  printLine(`Signing key ${result.fingerprint}.`)
  if (!result.keyIsIndependent) {
    printLine(
      "The key came from the file itself: compare the fingerprint with the installation's, or pass --key.",
    )
  }
}

/** The key itself, or the file that holds it. */
function readKeyFile(key: string): string {
  return existsSync(key) ? readFileSync(key, 'utf8') : key
}

export async function auditStatus(options: ClientOptions): Promise<void> {
  const status = await openClient(options).request<Status>('GET', '/v1/audit/status')
  if (options.json) return printJson(status)
  printLine(`${status.records} records; head ${status.head.link} at ${status.head.at}`)
  const { checkpoint } = status
  printLine(
    checkpoint ? `Signed up to ${checkpoint.seq} at ${checkpoint.signed_at}` : 'No checkpoint yet.',
  )
  printLine(`Public key ${status.fingerprint}: ${status.public_key}`)
}
