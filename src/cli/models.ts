/** `bastide model …` */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join, normalize } from 'node:path'
import { AppError } from '../errors.ts'
import { manifestOfFile } from '../models/single-file.ts'
import { isSource } from '../models/source/source.ts'
import { type Client, type ClientOptions, openClient } from './client.ts'
import { importFromSource, type SourceImportOptions } from './model-imports.ts'
import { printJson, printLine, printTable } from './print.ts'
import { sendFile } from './transfer.ts'

interface Package {
  hash: string
  name: string
  version: string
  engine: string
  task: string
  size_bytes: number
  aliases: string[]
  signature: { signer: string } | null
  policy: { allowed: boolean; reason: string | null }
  card: { licence: string }
}

interface UploadedFile {
  sha256: string
  size_bytes: number
  format: 'gguf' | 'onnx' | 'safetensors' | 'other'
  facts: Record<string, string | number | boolean>
}

export async function listModels(options: ClientOptions): Promise<void> {
  const data = await openClient(options).list<Package>('/v1/packages')
  if (options.json) return printJson(data)
  printTable(
    [
      'hash',
      'name',
      'version',
      'engine',
      'task',
      'MB',
      'licence',
      'signed by',
      'aliases',
      'loadable',
    ],
    data.map((one) => [
      one.hash.slice(0, 12),
      one.name,
      one.version,
      one.engine,
      one.task,
      (one.size_bytes / 2 ** 20).toFixed(1),
      one.card.licence,
      one.signature?.signer ?? 'nobody',
      one.aliases.join(' '),
      one.policy.allowed ? 'yes' : `no: ${one.policy.reason}`,
    ]),
  )
}

export async function importModel(path: string, options: SourceImportOptions): Promise<void> {
  if (isSource(path)) return importFromSource(path, options)
  if (!existsSync(path))
    throw new AppError('invalid_request', `There is no file or folder ${path}.`)
  const client = openClient(options)
  const isFolder = statSync(path).isDirectory()
  const imported = isFolder
    ? await importFolder(client, path, options)
    : await importFile(client, path, options)
  if (options.json) return printJson(imported)
  printLine(`Imported ${imported.name} ${imported.version} as ${imported.hash}`)
  if (imported.aliases.length > 0) printLine(`Call it as: ${imported.aliases.join(', ')}`)
  if (!imported.policy.allowed) printLine(`It may not be loaded: ${imported.policy.reason}`)
}

async function importFile(
  client: Client,
  path: string,
  options: SourceImportOptions,
): Promise<Package> {
  const file = await upload(client, path, options.json === true)
  const { sha256, size_bytes: sizeBytes, format } = file
  return client.request('POST', '/v1/packages', {
    manifest: manifestOfFile({ path, sha256, sizeBytes, format }, options),
    ...(options.alias && { alias: options.alias }),
  })
}

/** A specialist as a folder: bastide.json and, beside it, the files it names. */
async function importFolder(
  client: Client,
  path: string,
  options: SourceImportOptions,
): Promise<Package> {
  const manifestPath = join(path, 'bastide.json')
  if (!existsSync(manifestPath)) {
    throw new AppError('invalid_request', `${path} has no bastide.json; it is no package folder.`)
  }
  const { manifest, signatures } = JSON.parse(readFileSync(manifestPath, 'utf8'))
  for (const file of manifest?.files ?? []) {
    const inside = normalize(String(file.path))
    if (inside.startsWith('..') || inside.startsWith('/')) {
      throw new AppError('invalid_request', `bastide.json names ${file.path}, outside the folder.`)
    }
    const uploaded = await upload(client, join(path, inside), options.json === true)
    if (uploaded.sha256 !== file.sha256) {
      throw new AppError('invalid_request', `${file.path} is not the file that bastide.json names.`)
    }
  }
  const alias = options.alias ? { alias: options.alias } : {}
  return client.request('POST', '/v1/packages', { manifest, signatures, ...alias })
}

function upload(client: Client, path: string, json: boolean): Promise<UploadedFile> {
  const to = { place: '/v1/model-files', mimeType: 'application/octet-stream', json }
  return sendFile(client, path, { ...to, label: basename(path) })
}

export interface RemoteOptions extends ClientOptions {
  url: string
  model: string
  secret?: string
  task: string
  concurrency?: string
}

export async function addRemote(name: string, options: RemoteOptions): Promise<void> {
  const { concurrency } = options
  if (concurrency !== undefined && !/^[1-9]\d{0,3}$/.test(concurrency)) {
    throw new AppError('invalid_request', '--concurrency is a whole number from 1 to 9999.')
  }
  const added = await openClient(options).request<Package>('POST', '/v1/packages', {
    manifest: {
      format: 'bastide-package-1',
      name,
      version: options.model,
      engine: 'remote',
      task: options.task,
      files: [],
      card: {},
      settings: {
        baseUrl: options.url,
        upstreamModel: options.model,
        ...(options.secret && { apiKeySecret: options.secret }),
        ...(concurrency && { maxConcurrency: Number(concurrency) }),
      },
    },
  })
  if (options.json) return printJson(added)
  printLine(`Registered ${added.name} as ${added.hash}; call it as ${added.aliases.join(', ')}.`)
  printLine('The server may connect there once an egress rule allows it: POST /v1/egress/rules.')
}

export async function setAlias(
  alias: string,
  target: string,
  options: ClientOptions & { note?: string },
): Promise<void> {
  const body = { package: target, ...(options.note && { note: options.note }) }
  const path = `/v1/aliases/${encodeURIComponent(alias)}`
  const moved = await openClient(options).request<{ package: string }>('PUT', path, body)
  if (options.json) return printJson(moved)
  printLine(`${alias} now points at ${moved.package}.`)
}

export async function rollback(alias: string, options: ClientOptions): Promise<void> {
  const path = `/v1/aliases/${encodeURIComponent(alias)}/rollback`
  const moved = await openClient(options).request<{ package: string }>('POST', path)
  if (options.json) return printJson(moved)
  printLine(`${alias} points at ${moved.package} again.`)
}

/** The full hash for the digits a person types. */
async function fullHash(client: Client, digits: string): Promise<string> {
  const data = await client.list<Package>('/v1/packages')
  const found = data.filter((one) => one.hash.startsWith(digits))
  if (found.length === 1) return found[0]!.hash
  const problem = found.length === 0 ? 'no package' : `${found.length} packages`
  throw new AppError('invalid_request', `${problem} with a hash that begins ${digits}.`)
}

export async function sign(digits: string, options: ClientOptions): Promise<void> {
  const client = openClient(options)
  const hash = await fullHash(client, digits)
  const signed = await client.request<Package>('POST', `/v1/packages/${hash}/sign`)
  if (options.json) return printJson(signed)
  printLine(`Signed ${signed.name} (${hash.slice(0, 12)}).`)
}

export async function removeModel(digits: string, options: ClientOptions): Promise<void> {
  const client = openClient(options)
  const hash = await fullHash(client, digits)
  await client.request('DELETE', `/v1/packages/${hash}`)
  if (options.json) return printJson({ removed: hash })
  printLine(`Removed ${hash.slice(0, 12)}.`)
}
