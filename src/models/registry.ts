/** Packages by content hash, and the aliases that point at them. */
import { sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { SigningKey } from '../assurance/signing.ts'
import { systemClock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createFreshness } from '../freshness.ts'
import type { Database } from '../store/database.ts'
import type { Row } from '../store/schema.ts'
import { type Manifest, manifestSchema, packageHash, requireModest } from './manifest.ts'
import { type LoadPolicy, policyRefusal } from './policy.ts'
import { knownSigners, type Signature, type Signer, verifiedSigner } from './signatures.ts'

export interface ModelPackage {
  hash: string
  manifest: Manifest
  signatures: readonly Signature[]
  sizeBytes: number
  createdAt: Date
  signer: Signer | null
  /** Why the policy forbids loading it; null when it may be loaded. */
  refusal: string | null
  aliases: string[]
}

export interface Registry {
  list(organisationId: string): Promise<ModelPackage[]>
  get(organisationId: string, hash: string): Promise<ModelPackage>
  /** What a `model` field names: an alias, or a package hash (at least 12 digits). */
  resolve(organisationId: string, model: string): Promise<ModelPackage>
  /** Forgets cached answers after a change. */
  forget(): void
}

export function createRegistry(db: Database, key: SigningKey, policy: LoadPolicy): Registry {
  const kept = createFreshness<ModelPackage[]>(systemClock)

  async function load(organisationId: string): Promise<ModelPackage[]> {
    const [rows, aliases, signers] = await Promise.all([
      db
        .selectFrom('packages')
        .selectAll()
        .where('organisation_id', '=', organisationId)
        .where('removed_at', 'is', null)
        .orderBy('created_at')
        .execute(),
      listAliases(db, organisationId),
      knownSigners(db, organisationId, key),
    ])
    return rows.map((row) => {
      const manifest = manifestSchema.parse(row.manifest)
      const signatures = row.signatures as Signature[]
      const signer = verifiedSigner(manifest, signatures, signers)
      return {
        hash: row.hash,
        manifest,
        signatures,
        sizeBytes: row.size_bytes,
        createdAt: row.created_at,
        signer,
        refusal: policyRefusal(manifest, signer, policy),
        aliases: aliases.filter((one) => one.package_hash === row.hash).map((one) => one.name),
      }
    })
  }

  function packagesOf(organisationId: string): Promise<ModelPackage[]> {
    return kept.get(organisationId, () => load(organisationId))
  }

  async function get(organisationId: string, hash: string): Promise<ModelPackage> {
    const found = (await packagesOf(organisationId)).find((one) => one.hash === hash)
    if (!found) throw new AppError('not_found', `No model package ${hash}.`)
    return found
  }

  return {
    list: packagesOf,
    get,
    forget: () => kept.forget(),

    async resolve(organisationId, model) {
      const packages = await packagesOf(organisationId)
      const byAlias = packages.find((one) => one.aliases.includes(model))
      if (byAlias) return byAlias
      const byHash = /^[0-9a-f]{12,64}$/.test(model)
        ? packages.filter((one) => one.hash.startsWith(model))
        : []
      if (byHash.length === 1) return byHash[0]!
      const names = packages.flatMap((one) => one.aliases).sort()
      throw new AppError(
        'not_found',
        `No model "${model.slice(0, 100)}". ${names.length > 0 ? `There are: ${names.slice(0, 20).join(', ')}.` : 'Import one with "./bastide model import FILE".'}`,
        { param: 'model' },
      )
    },
  }
}

/** Writes a package's row; the same package again is left as it is. Returns its hash. */
export async function addPackage(
  db: Database,
  wanted: { organisationId: string; by: string; manifest: Manifest; signatures: Signature[] },
): Promise<string> {
  const { organisationId, by, manifest, signatures } = wanted
  requireModest(manifest)
  const hash = packageHash(manifest)
  await db
    .insertInto('packages')
    .values({
      organisation_id: organisationId,
      hash,
      name: manifest.name,
      version: manifest.version,
      engine: manifest.engine,
      task: manifest.task,
      size_bytes: manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0),
      manifest: JSON.stringify(manifest),
      signatures: JSON.stringify(signatures),
      imported_by: by,
    })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'hash']).doUpdateSet({ removed_at: null }),
    )
    .execute()
  return hash
}

/**
 * A package's row, and an alias for it: the one asked for, else the package's own name where that is free.
 * Returns what was made.
 */
export async function registerPackage(
  db: Database,
  wanted: {
    organisationId: string
    by: string
    manifest: Manifest
    signatures: Signature[]
    alias?: string | undefined
  },
): Promise<{ hash: string; alias: string | null }> {
  const { organisationId, by, manifest } = wanted
  const hash = await addPackage(db, wanted)
  const taken = (await listAliases(db, organisationId)).some(({ name }) => name === manifest.name)
  const alias = wanted.alias ?? (taken ? null : manifest.name)
  if (alias) {
    await moveAlias(db, { organisationId, name: alias, packageHash: hash, by, action: 'promote' })
  }
  return { hash, alias }
}

export async function addSignature(
  db: Database,
  scope: Scope,
  hash: string,
  signature: Signature,
): Promise<void> {
  await sql`update packages set signatures = signatures || ${JSON.stringify([signature])}::jsonb
    where organisation_id = ${scope.organisationId} and hash = ${hash}`.execute(db)
}

/** Marks a package removed; `conflict` while an alias points at it. */
export async function removePackage(db: Database, scope: Scope, model: ModelPackage) {
  const pointing = (await listAliases(db, scope.organisationId)).filter(
    (alias) => alias.package_hash === model.hash,
  )
  if (pointing.length > 0) {
    const names = pointing.map((alias) => alias.name).join(', ')
    throw new AppError(
      'conflict',
      `Package ${model.hash.slice(0, 12)} is what ${names} points at. Point the alias elsewhere first.`,
    )
  }
  await db
    .updateTable('packages')
    .set({ removed_at: new Date() })
    .where('organisation_id', '=', scope.organisationId)
    .where('hash', '=', model.hash)
    .execute()
}

export function listAliases(db: Database, organisationId: string): Promise<Row<'aliases'>[]> {
  return db
    .selectFrom('aliases')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('name')
    .execute()
}

const aliasPattern = /^[a-z0-9][a-z0-9._-]{0,99}(@[a-z0-9][a-z0-9-]{0,39})?$/

export interface AliasMove {
  organisationId: string
  name: string
  packageHash: string
  by: string
  action: 'promote' | 'rollback'
  note?: string | undefined
  /** The package it is believed to point at; `conflict` where somebody has moved it meanwhile. */
  from?: string | undefined
}

/** Holds an alias until the transaction ends; returns the package it points at. */
async function holdAlias(
  transaction: Database,
  organisationId: string,
  name: string,
): Promise<string | null> {
  const held = await transaction
    .selectFrom('aliases')
    .select('package_hash')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst()
  return held?.package_hash ?? null
}

/** Points an alias at a package and writes its history, inside the caller's transaction. */
export async function moveAlias(transaction: Database, move: AliasMove): Promise<void> {
  if (!aliasPattern.test(move.name)) {
    throw new AppError(
      'invalid_request',
      `"${move.name}" cannot be an alias: lower-case letters, digits, dots and dashes, then optionally @stage.`,
      { param: 'name' },
    )
  }
  const present = await holdAlias(transaction, move.organisationId, move.name)
  if (move.from !== undefined && move.from !== present) {
    throw new AppError(
      'conflict',
      `Somebody has moved the alias "${move.name}" meanwhile: it points at ${present?.slice(0, 12) ?? 'nothing'} now. Look again, then decide.`,
    )
  }
  const values = {
    organisation_id: move.organisationId,
    name: move.name,
    package_hash: move.packageHash,
    updated_by: move.by,
  }
  await transaction
    .insertInto('aliases')
    .values(values)
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'name']).doUpdateSet({
        package_hash: move.packageHash,
        updated_by: move.by,
        updated_at: new Date(),
      }),
    )
    .execute()
  await transaction
    .insertInto('alias_history')
    .values({
      organisation_id: move.organisationId,
      name: move.name,
      package_hash: move.packageHash,
      action: move.action,
      note: move.note ?? null,
      by: move.by,
    })
    .execute()
}

/** Newest first. */
export function aliasHistory(db: Database, organisationId: string, name: string) {
  return db
    .selectFrom('alias_history')
    .leftJoin('packages', (join) =>
      join
        .onRef('packages.organisation_id', '=', 'alias_history.organisation_id')
        .onRef('packages.hash', '=', 'alias_history.package_hash'),
    )
    .selectAll('alias_history')
    .select(['packages.name as package_name', 'packages.removed_at'])
    .where('alias_history.organisation_id', '=', organisationId)
    .where('alias_history.name', '=', name)
    .orderBy('id', 'desc')
    .limit(200)
    .execute()
}

/**
 * The package an alias pointed at before its present one. Rolling back twice goes two steps back:
 * the history is replayed, a rollback undoing the move before it.
 */
export async function rollbackTarget(
  transaction: Database,
  organisationId: string,
  name: string,
): Promise<string> {
  await holdAlias(transaction, organisationId, name)
  const history = await transaction
    .selectFrom('alias_history')
    .select(['action', 'package_hash'])
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .orderBy('id')
    .execute()
  const stack: string[] = []
  for (const move of history) {
    if (move.action === 'promote') stack.push(move.package_hash)
    else stack.pop()
  }
  const target = stack.at(-2)
  if (target) return target
  throw new AppError('conflict', `The alias "${name}" has no earlier package to go back to.`)
}
