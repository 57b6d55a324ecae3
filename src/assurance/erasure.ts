/**
 * Erasure of a workspace: its keys are destroyed, so that what was sealed under them is unreadable wherever
 * copies lie, and its rows are deleted. The ledger and the audit chain stay: they hold ids and amounts, never
 * contents. What was done is signed as a certificate.
 */

import { sql } from 'kysely'
import { z } from 'zod'
import type { Scope } from '../access/scope.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Blobs } from '../store/blobs.ts'
import { anyOf, type Database, type DatabaseTransaction } from '../store/database.ts'
import type { Keyring } from '../store/keyring.ts'
import { type Page, type PageWish, pageBy } from '../store/paging.ts'
import { canonicalJson } from './audit/layout.ts'
import type { Booking } from './booking.ts'
import { readPublicKey, type SigningKey } from './signing.ts'

export interface ErasureParts {
  db: Database
  keyring: Keyring
  blobs: Blobs
  booking: Booking
  signingKey: SigningKey
  clock: Clock
}

const statementShape = z.object({
  type: z.literal('bastide-erasure-1'),
  id: z.string(),
  organisation: z.string(),
  workspace: z.object({ id: z.string(), name: z.string() }),
  erased_at: z.string(),
  erased_by: z.object({ kind: z.string(), id: z.string() }),
  /** Ids of the data keys that were destroyed. */
  keys_destroyed: z.array(z.string()),
  /** Rows deleted, by table. */
  rows_deleted: z.record(z.string(), z.number()),
  /** When backups were made while the workspace existed: they hold its keys until they are destroyed. */
  backups_made: z.array(z.string()),
})

const certificateShape = z.object({
  /** What the signature covers; members that are not known here are covered too. */
  statement: statementShape.loose(),
  /** Base64, Ed25519 over the canonical JSON of the statement (RFC 8785). */
  signature: z.string(),
  /** Base64 of the SPKI DER. */
  public_key: z.string(),
  fingerprint: z.string(),
})

export type ErasureStatement = z.infer<typeof statementShape>
export type ErasureCertificate = z.infer<typeof certificateShape>

/** Reads a certificate; `invalid_request` for what is none. */
export function readCertificate(text: string): ErasureCertificate {
  try {
    return certificateShape.parse(JSON.parse(text))
  } catch (error) {
    throw new AppError('invalid_request', 'It is no certificate of erasure.', { cause: error })
  }
}

/** Erases a workspace for good. `confirm` must be its name. */
export async function eraseWorkspace(
  parts: ErasureParts,
  asking: { scope: Scope; requestId: string },
  wanted: { id: string; confirm: string },
): Promise<ErasureCertificate> {
  const { db, blobs } = parts
  const certificate = await db
    .transaction()
    .execute((transaction) => eraseRows(parts, transaction, asking, wanted))
  // Unreadable already; now their space is given back too.
  await blobs.settle()
  return certificate
}

async function eraseRows(
  { keyring, blobs, booking, signingKey, clock }: ErasureParts,
  transaction: DatabaseTransaction,
  { scope, requestId }: { scope: Scope; requestId: string },
  { id: workspaceId, confirm }: { id: string; confirm: string },
): Promise<ErasureCertificate> {
  const now = new Date(clock.now())
  const workspace = await lockWorkspace(transaction, scope, workspaceId)
  if (confirm !== workspace.name) {
    throw new AppError(
      'invalid_request',
      'Erasing cannot be undone. Send the exact name of the workspace as "confirm".',
      { param: 'confirm' },
    )
  }
  const backups = await transaction
    .selectFrom('audit_records')
    .select('at')
    .where('organisation_id', '=', scope.organisationId)
    .where('kind', '=', 'backup.create')
    .where('at', '>=', workspace.created_at)
    .orderBy('seq')
    .execute()
  const statement: ErasureStatement = {
    type: 'bastide-erasure-1',
    id: newId('era'),
    organisation: scope.organisationId,
    workspace: { id: workspaceId, name: workspace.name },
    erased_at: now.toISOString(),
    erased_by: { kind: scope.actor.kind, id: scope.actor.id },
    keys_destroyed: await keyring.destroyAll(transaction, workspaceId),
    rows_deleted: await deleteRows(transaction, workspaceId),
    backups_made: backups.map(({ at }) => at.toISOString()),
  }
  await blobs.dropAll(transaction, statement.keys_destroyed)
  await closeDoors(transaction, workspaceId, now)
  const certificate: ErasureCertificate = {
    statement,
    signature: signingKey.sign(Buffer.from(canonicalJson(statement))).toString('base64'),
    public_key: signingKey.publicKey,
    fingerprint: signingKey.fingerprint,
  }
  await transaction
    .insertInto('erasures')
    .values({
      id: statement.id,
      organisation_id: scope.organisationId,
      workspace_id: workspaceId,
      certificate: JSON.stringify(certificate),
      at: now,
    })
    .execute()
  await booking.append(transaction, {
    organisationId: scope.organisationId,
    workspaceId,
    kind: 'workspace.erase',
    actor: scope.actor,
    subject: { kind: 'workspace', id: workspaceId },
    outcome: 'ok',
    details: {
      certificate: statement.id,
      keys: statement.keys_destroyed.length,
      request: requestId,
    },
  })
  return certificate
}

async function lockWorkspace(transaction: DatabaseTransaction, scope: Scope, id: string) {
  const workspace = await transaction
    .selectFrom('workspaces')
    .selectAll()
    .where('id', '=', id)
    .where('organisation_id', '=', scope.organisationId)
    .where('erased_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (!workspace) throw new AppError('not_found', `No workspace ${id}.`)
  if (workspace.is_home) {
    throw new AppError(
      'conflict',
      'It is the home workspace of the organisation, from which all others are run. It cannot be erased.',
    )
  }
  return workspace
}

const erasedTables = [
  'runs',
  'uploads',
  'files',
  'responses',
  'retention_rules',
  'webhooks',
  'idempotency_keys',
  'memberships',
  'group_roles',
] as const

/** Rows that hold contents, names or people of the workspace. */
async function deleteRows(
  transaction: DatabaseTransaction,
  workspaceId: string,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  // A run that is under way puts no result between the removal of its items and its own.
  await sql`select id from runs where workspace_id = ${workspaceId} for update`.execute(transaction)
  await sql`delete from secrets using webhooks
    where webhooks.workspace_id = ${workspaceId} and secrets.name = 'webhook:' || webhooks.id`.execute(
    transaction,
  )
  const deliveries = await sql`delete from webhook_deliveries using webhooks
    where webhooks.id = webhook_deliveries.webhook_id
      and webhooks.workspace_id = ${workspaceId}`.execute(transaction)
  counts.webhook_deliveries = Number(deliveries.numAffectedRows ?? 0)
  const items = await sql`delete from run_items using runs
    where runs.id = run_items.run_id and runs.workspace_id = ${workspaceId}`.execute(transaction)
  counts.run_items = Number(items.numAffectedRows ?? 0)
  for (const table of erasedTables) {
    const { numDeletedRows } = await transaction
      .deleteFrom(table)
      .where('workspace_id', '=', workspaceId)
      .executeTakeFirst()
    counts[table] = Number(numDeletedRows)
  }
  return counts
}

/** Keys and limits stay as rows, because the ledger names them; nobody comes in with them. */
async function closeDoors(
  transaction: DatabaseTransaction,
  workspaceId: string,
  now: Date,
): Promise<void> {
  const keys = await transaction
    .updateTable('keys')
    .set({ name: 'erased', revoked_at: now })
    .where('workspace_id', '=', workspaceId)
    .returning('id')
    .execute()
  const ids = keys.map(({ id }) => id)
  for (const table of ['sessions', 'client_sessions'] as const) {
    if (ids.length > 0)
      await transaction.deleteFrom(table).where('key_id', '=', anyOf(ids)).execute()
  }
  await transaction
    .updateTable('limits')
    .set({ removed_at: now })
    .where('workspace_id', '=', workspaceId)
    .execute()
  await transaction
    .updateTable('workspaces')
    .set({ erased_at: now, name: `erased ${workspaceId}` })
    .where('id', '=', workspaceId)
    .execute()
}

export async function listErasures(
  db: Database,
  scope: Scope,
  wish: PageWish,
): Promise<Page<ErasureCertificate>> {
  const erasures = db
    .selectFrom('erasures')
    .select('certificate')
    .where('organisation_id', '=', scope.organisationId)
  const { rows, hasMore } = await pageBy(erasures, 'id', wish)
  return { rows: rows.map(({ certificate }) => certificate as ErasureCertificate), hasMore }
}

/** Whether a certificate's signature holds. `publicKey` should come from elsewhere than the certificate. */
export function certificateHolds(certificate: ErasureCertificate, publicKey: string): boolean {
  const message = Buffer.from(canonicalJson(certificate.statement))
  return readPublicKey(publicKey).verify(message, Buffer.from(certificate.signature, 'base64'))
}
