/** `bastide audit …`: export from the server, verify offline. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { CheckpointNote } from '../assurance/audit/layout.ts'
import { linesOf } from '../assurance/audit/lines.ts'
import { checkpointStatement } from '../assurance/audit/store.ts'
import { type Verification, verifyExport } from '../assurance/audit/verify.ts'
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

export interface VerifyOptions {
  key?: string
  witness?: string[]
  authority?: string[]
  anchors?: string
  json?: boolean
}

export async function verifyAudit(file: string, options: VerifyOptions): Promise<void> {
  if (!existsSync(file)) throw new AppError('invalid_request', `There is no file ${file}.`)
  const key = options.key ? readKeyFile(options.key) : null
  const result = await verifyExport(linesOf(createReadStream(file)), key, {
    witnesses: (options.witness ?? []).map(readKeyFile),
    authorities: (options.authority ?? []).map((path) => readFileSync(path, 'utf8')),
    notes: options.anchors ? readNotes(options.anchors) : [],
  })
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
  printAnchors(result.anchors)
}

function printAnchors({ countersigned, timestamps, notes }: Verification['anchors']): void {
  for (const { fingerprint, seq, independent } of countersigned) {
    const known = independent ? '' : ' (a key you did not bring: pass --witness)'
    printLine(`Countersigned up to record ${seq} with the key ${fingerprint}${known}.`)
  }
  for (const { authority, at, seq, trusted } of timestamps) {
    const known = trusted ? '' : ' (not led to a certificate you brought: pass --authority)'
    printLine(`Time-stamped up to record ${seq} at ${at} by ${authority}${known}.`)
  }
  if (notes > 0) printLine(`${notes} checkpoints written down elsewhere are of this chain.`)
}

/** Checkpoints that were written to a folder, or one of them. */
function readNotes(path: string): CheckpointNote[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(path, name))
    : [path]
  return files.map((file) => {
    const parsed = noteSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    if (parsed.success) return parsed.data
    throw new AppError('invalid_request', `${file} is no checkpoint of an audit chain.`)
  })
}

const noteSchema = z.object({
  organisation: z.string(),
  seq: z.number().int().min(1),
  root: z.string(),
  signed_at: z.string(),
  signature: z.string(),
  fingerprint: z.string(),
})

/** Signs a checkpoint at the head with a second person's key, which stays on this machine. */
export async function countersign(
  options: ClientOptions & { key: string; receipt?: string },
): Promise<void> {
  const privateKey = readPrivateKey(options.key)
  const client = openClient(options)
  const { checkpoint, statement } = await client.request<{
    checkpoint: CheckpointNote
    statement: string
  }>('POST', '/v1/audit/statement')
  // The server's word for what it shows is not enough: what is signed is made here again.
  const bytes = checkpointStatement(
    checkpoint.organisation,
    checkpoint.seq,
    checkpoint.root,
    checkpoint.signed_at,
  )
  if (bytes.toString('base64') !== statement) {
    throw new AppError('upstream_failed', 'The server asks for a signature over something else.')
  }
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const anchor = await client.request<{ by: string }>('POST', '/v1/audit/countersignatures', {
    seq: checkpoint.seq,
    public_key: publicKey.toString('base64'),
    signature: sign(null, bytes, privateKey).toString('base64'),
  })
  if (options.receipt) {
    writeFileSync(options.receipt, `${JSON.stringify(checkpoint)}\n`, { flag: 'wx', mode: 0o600 })
  }
  if (options.json) return printJson({ ...anchor, checkpoint })
  printLine(`Countersigned the chain up to record ${checkpoint.seq} with the key ${anchor.by}.`)
  if (!options.receipt) {
    printLine(
      'With --receipt FILE you keep the checkpoint too, for ./bastide audit verify --anchors.',
    )
  }
}

function readPrivateKey(path: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(readFileSync(path))
  } catch (error) {
    throw new AppError(
      'invalid_request',
      `${path} holds no private key. Make one: openssl genpkey -algorithm ed25519 -out witness.key`,
      { cause: error },
    )
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw new AppError('invalid_request', `The key is ${key.asymmetricKeyType}, not Ed25519.`)
}

/** Writes the head to the folder and has it time-stamped, as the server's settings say. */
export async function anchor(options: ClientOptions): Promise<void> {
  const made = await openClient(options).request<{
    data: { kind: string; seq: number; by: string }[]
    failures: string[]
  }>('POST', '/v1/audit/anchors')
  if (made.failures.length > 0) setExitCode(1)
  if (options.json) return printJson(made)
  for (const { kind, seq, by } of made.data) printLine(`Anchored record ${seq}: ${kind}, ${by}`)
  for (const failure of made.failures) printLine(`FAILED: ${failure}`)
  if (made.data.length + made.failures.length === 0) printLine('Nothing new to anchor.')
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
