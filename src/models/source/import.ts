/**
 * Imports a model from a source, as durable work: resolve, download, check, register. Whatever is killed
 * on the way goes on with the bytes that are there. What comes and is not sound goes into quarantine.
 */
import { rm, stat } from 'node:fs/promises'
import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import type { Booking } from '../../assurance/booking.ts'
import type { Egress } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import type { Database } from '../../store/database.ts'
import type { Keyring } from '../../store/keyring.ts'
import { RunOver } from '../../store/run-worker.ts'
import type { Run, Runs } from '../../store/runs.ts'
import type { ModelFiles, StoredModelFile } from '../files.ts'
import { type Manifest, parseManifest, requireWeights } from '../manifest.ts'
import type { Quarantine } from '../quarantine.ts'
import { type Registry, registerPackage } from '../registry.ts'
import { manifestOfFile } from '../single-file.ts'
import { download } from './download.ts'
import { resolveHuggingFace } from './huggingface.ts'
import { resolveOci } from './oci.ts'
import { parseSource, type ResolvedSource } from './source.ts'

export const importKind = 'model-import'

export const importInputSchema = z.strictObject({
  source: z.string().min(4).max(600),
  /** The server to ask, where it is not the source's own: a mirror of the house. */
  endpoint: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    // Whoever may see imports would see them, and no request is sent with them.
    .refine((text) => !URL.parse(text)?.username && !URL.parse(text)?.password, {
      message: 'holds credentials. Store them as a secret and name that.',
    })
    .optional(),
  /** Name of a stored secret: a token, or `user:password` for a registry. */
  secret: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/)
    .optional(),
  /** The digest the file must have, by another way than the source's own word. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  name: z.string().max(100).optional(),
  alias: z.string().max(150).optional(),
  task: z.enum(['generate', 'embed', 'tensor']).optional(),
  purpose: z.string().max(2000).optional(),
  licence: z.string().max(100).optional(),
  maker: z.string().max(200).optional(),
  country: z.string().max(20).optional(),
})
export type ImportInput = z.infer<typeof importInputSchema>

export interface ImportResult {
  package: string
  alias: string | null
  source: NonNullable<Manifest['source']>
}

export interface ImportParts {
  db: Database
  runs: Runs
  booking: Booking
  egress: Egress
  keyring: Keyring
  files: ModelFiles
  registry: Registry
  quarantine: Quarantine
}

/** Progress is told in this unit, so that a large model's fits the column. */
export const progressUnitBytes = 1024

export async function performImport(
  parts: ImportParts,
  run: Run,
  scope: Scope,
  signal: AbortSignal,
): Promise<ImportResult> {
  const input = importInputSchema.parse(run.input)
  const resolved = await resolve(parts, input)
  const { file } = resolved
  if (input.sha256 && input.sha256 !== file.sha256) {
    throw new RunOver(
      'conflict',
      `The source says its file has the SHA-256 ${file.sha256}; you asked for ${input.sha256}. Nothing was downloaded.`,
    )
  }
  const stored =
    (await parts.files.find(file.sha256)) ?? (await fetchFile(parts, run, resolved, signal))
  const source = { url: resolved.origin.url, revision: resolved.origin.revision }
  const wish = { ...resolved.card, ...input, source }
  const { format, facts } = stored.facts
  const manifest = parseManifest({
    ...manifestOfFile({ path: file.path, ...stored, format }, wish),
    facts,
  })
  requireWeights(manifest)
  const { hash, alias } = await register(parts, run, scope, manifest, input.alias)
  return { package: hash, alias, source }
}

async function resolve(
  { egress, keyring }: ImportParts,
  { source: text, endpoint, secret }: ImportInput,
): Promise<ResolvedSource> {
  const source = parseSource(text)
  const token = secret ? await keyring.openSecret(`remote:${secret}`) : null
  if (secret && !token) throw new RunOver('not_found', `The secret "${secret}" is not set.`)
  const from = (own: string) => ({
    egress,
    endpoint: (endpoint ?? own).replace(/\/+$/, ''),
    token: token?.toString() ?? null,
  })
  return source.kind === 'hf'
    ? resolveHuggingFace(source, from('https://huggingface.co'))
    : resolveOci(source, from(registryOf(source.host)))
}

/** Docker's registry answers under another name than the one people write. */
function registryOf(host: string): string {
  return `https://${host === 'docker.io' ? 'registry-1.docker.io' : host}`
}

async function fetchFile(
  parts: ImportParts,
  run: Run,
  { file, authorization, origin }: ResolvedSource,
  signal: AbortSignal,
): Promise<StoredModelFile> {
  const { files, runs, egress, quarantine } = parts
  const path = await files.partialPath(`${run.id}-${file.sha256.slice(0, 16)}`)
  const units = (bytes: number) => Math.ceil(bytes / progressUnitBytes)
  const total = file.sizeBytes === null ? null : units(file.sizeBytes)
  const progress = (bytes: number) => runs.progress(run.id, units(bytes), total)
  try {
    await download({ egress, file, authorization, path, signal, progress })
    return await files.adopt(path, file.sha256)
  } catch (error) {
    if (error instanceof AppError && error.code === 'unreadable_file') {
      await quarantine.put(path, {
        name: file.path,
        source: origin.url,
        sha256: file.sha256,
        sizeBytes: (await stat(path)).size,
        reason: error.message,
      })
      throw new RunOver(error.code, `${error.message} It is in quarantine.`, { cause: error })
    }
    const wasCancelled = (await runs.reload(run.id)).cancel_requested_at !== null
    if (wasCancelled) await rm(path, { force: true })
    throw error
  }
}

function register(
  { db, booking, registry }: ImportParts,
  run: Run,
  scope: Scope,
  manifest: Manifest,
  alias: string | undefined,
) {
  if (alias && !scope.permissions.has('aliases:write')) {
    throw new RunOver('forbidden', 'Setting an alias needs the permission aliases:write.')
  }
  const { organisationId } = scope
  return db.transaction().execute(async (transaction) => {
    const wanted = { organisationId, by: scope.actor.id, manifest, signatures: [], alias }
    const made = await registerPackage(transaction, wanted)
    const { name, version, source } = manifest
    await booking.append(transaction, {
      organisationId,
      workspaceId: scope.workspaceId,
      kind: 'model.import',
      actor: scope.actor,
      subject: { kind: 'package', id: made.hash },
      outcome: 'ok',
      details: { name, version, source: source?.url, run: run.id, alias: made.alias ?? undefined },
    })
    registry.forget()
    return made
  })
}
