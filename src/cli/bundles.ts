/** `bastide model bundle …` */
import { existsSync } from 'node:fs'
import { AppError } from '../errors.ts'
import { type ClientOptions, openClient } from './client.ts'
import { printJson, printLine } from './print.ts'
import { mebibyte, saveAnswer, sendFile } from './transfer.ts'

export async function exportBundle(
  path: string,
  models: string[],
  options: ClientOptions,
): Promise<void> {
  if (existsSync(path)) {
    throw new AppError('conflict', `${path} exists already. Name a new file.`)
  }
  const response = await openClient(options).fetch('POST', '/v1/bundles/export', {
    body: JSON.stringify({ models }),
    headers: { 'content-type': 'application/json' },
  })
  const sizeBytes = await saveAnswer(response, path, 'Exporting', options.json)
  if (options.json) return printJson({ file: path, size_bytes: sizeBytes, models })
  printLine(`Wrote ${path} (${(sizeBytes / mebibyte).toFixed(1)} MB).`)
  printLine(`Take it to another installation: ./bastide model bundle import ${path}`)
}

interface Imported {
  signer: { fingerprint: string; name: string | null }
  packages: {
    hash: string
    name: string
    version: string
    aliases: string[]
    policy: { allowed: boolean; reason: string | null }
  }[]
}

export async function importBundle(path: string, options: ClientOptions): Promise<void> {
  if (!existsSync(path)) throw new AppError('invalid_request', `There is no file ${path}.`)
  const to = { place: '/v1/bundles', mimeType: 'application/x-tar', json: options.json }
  const client = openClient(options)
  const imported = await sendFile<Imported>(client, path, { ...to, label: 'Importing' })
  if (options.json) return printJson(imported)
  const { fingerprint, name } = imported.signer
  printLine(`Signed by ${name ?? 'somebody not listed here'} (${fingerprint}).`)
  for (const one of imported.packages) {
    printLine(`Imported ${one.name} ${one.version} as ${one.hash}`)
    if (one.aliases.length > 0) printLine(`  call it as ${one.aliases.join(', ')}`)
    if (!one.policy.allowed) printLine(`  it may not be loaded: ${one.policy.reason}`)
  }
}
