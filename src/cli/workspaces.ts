/** `bastide workspace …` */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { certificateHolds, type ErasureCertificate, readCertificate } from '../assurance/erasure.ts'
import { AppError } from '../errors.ts'
import { type ClientOptions, openClient } from './client.ts'
import { setExitCode } from './command-line.ts'
import { printJson, printLine, printTable } from './print.ts'

interface Workspace {
  id: string
  name: string
  created_at: string
}

export async function listWorkspaces(options: ClientOptions): Promise<void> {
  const data = await openClient(options).list<Workspace>('/v1/workspaces')
  if (options.json) return printJson(data)
  printTable(
    ['id', 'name', 'made'],
    data.map(({ id, name, created_at }) => [id, name, created_at]),
  )
}

export async function createWorkspace(name: string, options: ClientOptions): Promise<void> {
  const made = await openClient(options).request<Workspace & { key: string }>(
    'POST',
    '/v1/workspaces',
    { name },
  )
  if (options.json) return printJson(made)
  printLine(`${made.id}  ${made.name}`)
  printLine(`Owner key of the workspace (shown once): ${made.key}`)
}

export async function eraseWorkspace(
  id: string,
  options: ClientOptions & { confirm: string; out: string },
): Promise<void> {
  if (existsSync(options.out)) {
    throw new AppError('conflict', `${options.out} exists already. Name a new file.`)
  }
  const path = `/v1/workspaces/${encodeURIComponent(id)}/erase`
  const body = { confirm: options.confirm }
  const certificate = await openClient(options).request<ErasureCertificate>('POST', path, body)
  writeFileSync(options.out, `${JSON.stringify(certificate, null, 2)}\n`, { mode: 0o600 })
  if (options.json) return printJson(certificate)
  const { keys_destroyed: keys, backups_made: backups } = certificate.statement
  printLine(`Erased. ${keys.length} keys were destroyed; the certificate is ${options.out}.`)
  if (backups.length > 0) {
    printLine(
      `${backups.length} backups made meanwhile hold the keys: destroy them too, from ${backups[0]} on.`,
    )
  }
}

/** Verifies a certificate offline: exit 0 when it holds, 3 when not, 2 when it is none. */
export function verifyCertificate(file: string, options: { key?: string; json?: boolean }): void {
  const certificate = readCertificate(readFileSync(file, 'utf8'))
  const given = options.key && existsSync(options.key) ? readFileSync(options.key, 'utf8') : null
  const holds = certificateHolds(certificate, given ?? options.key ?? certificate.public_key)
  setExitCode(holds ? 0 : 3)
  if (options.json) return printJson({ holds, ...certificate.statement })
  const { workspace, erased_at: at, keys_destroyed: keys } = certificate.statement
  printLine(
    holds
      ? `Holds: workspace "${workspace.name}" (${workspace.id}) was erased at ${at}, ${keys.length} keys destroyed.`
      : 'DOES NOT HOLD: the certificate was changed, or is not of this key.',
  )
  if (!options.key) {
    printLine(`The key came from the file itself (${certificate.fingerprint}): pass --key.`)
  }
}
