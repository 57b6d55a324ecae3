/** Service keys: made, listed, revoked. The secret is shown once; only its hash is kept. */

import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Database, DatabaseTransaction } from '../store/database.ts'
import { type Page, type PageWish, pageBy } from '../store/paging.ts'
import type { Role, Row } from '../store/schema.ts'
import { effectivePermissions, secretHash } from './authenticate.ts'
import { requireOwnerLeft } from './owners.ts'
import { type Permission, permissionsOf } from './permissions.ts'
import type { Scope } from './scope.ts'

export interface NewKey {
  name: string
  role: Role
  scopes?: Permission[] | undefined
  allowedModels?: string[] | undefined
  allowedDataClasses?: string[] | undefined
  expiresAt?: Date | undefined
  /** Makes the key a member's own. */
  memberId?: string | undefined
}

export type KeyInfo = Omit<Row<'keys'>, 'secret_hash' | 'purpose'>

const secretBytes = 32
const shownCharacters = 12

/** Makes a key in the scope's workspace. A key can never do more than its maker. */
export async function createKey(
  db: Database,
  scope: Scope,
  wanted: NewKey,
): Promise<{ key: KeyInfo; secret: string }> {
  const granted = effectivePermissions(wanted.role, null, wanted.scopes ?? null, scope.isHome)
  const missing = [...granted].filter((permission) => !scope.permissions.has(permission))
  if (missing.length > 0) {
    throw new AppError(
      'forbidden',
      `A key cannot be given more than its maker has. Missing: ${missing.join(', ')}. Choose a lesser role or narrower scopes.`,
      { param: 'role' },
    )
  }
  if (wanted.memberId) await requireMember(db, scope, wanted.memberId)
  return insertKey(db, {
    organisationId: scope.organisationId,
    workspaceId: scope.workspaceId,
    createdBy: scope.actor.id,
    ...wanted,
    // A restricted maker hands its restrictions on.
    allowedModels: narrow(scope.allowedModels, wanted.allowedModels),
    allowedDataClasses: narrow(scope.allowedDataClasses, wanted.allowedDataClasses),
  })
}

function narrow(makers: readonly string[] | null, wanted: string[] | undefined) {
  if (!makers) return wanted
  return wanted ? wanted.filter((name) => makers.includes(name)) : [...makers]
}

/** A key acts under its member's name: nobody makes one for somebody who may do more than they. */
async function requireMember(db: Database, scope: Scope, memberId: string): Promise<void> {
  const member = await db
    .selectFrom('memberships')
    .innerJoin('members', 'members.id', 'memberships.member_id')
    .select('memberships.role')
    .where('members.id', '=', memberId)
    .where('members.organisation_id', '=', scope.organisationId)
    .where('memberships.workspace_id', '=', scope.workspaceId)
    .where('members.removed_at', 'is', null)
    .executeTakeFirst()
  if (!member) {
    throw new AppError('not_found', `No member ${memberId} in this workspace.`, { param: 'member' })
  }
  const isSelf = memberId === scope.memberId
  if (isSelf || permissionsOf(member.role, scope.isHome).isSubsetOf(scope.permissions)) return
  throw new AppError(
    'forbidden',
    `The member's role ${member.role} has permissions that you lack.`,
    {
      param: 'member',
    },
  )
}

/** Writes the key's row; used directly only for the first key of an installation. */
export async function insertKey(
  db: Database | DatabaseTransaction,
  wanted: NewKey & { organisationId: string; workspaceId: string; createdBy: string | null },
): Promise<{ key: KeyInfo; secret: string }> {
  const secret = `bst_${randomBytes(secretBytes).toString('base64url')}`
  const row = await db
    .insertInto('keys')
    .values({
      id: newId('key'),
      organisation_id: wanted.organisationId,
      workspace_id: wanted.workspaceId,
      member_id: wanted.memberId ?? null,
      name: wanted.name,
      secret_hash: secretHash(secret),
      prefix: secret.slice(0, shownCharacters),
      role: wanted.role,
      scopes: wanted.scopes ?? null,
      allowed_models: wanted.allowedModels ?? null,
      allowed_data_classes: wanted.allowedDataClasses ?? null,
      created_by: wanted.createdBy,
      expires_at: wanted.expiresAt ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { key: infoOf(row), secret }
}

function infoOf({ secret_hash: _hash, purpose: _purpose, ...key }: Row<'keys'>): KeyInfo {
  return key
}

export async function listKeys(db: Database, scope: Scope, wish: PageWish): Promise<Page<KeyInfo>> {
  const keys = db
    .selectFrom('keys')
    .selectAll()
    .where('workspace_id', '=', scope.workspaceId)
    .where('purpose', '=', 'service')
  const { rows, hasMore } = await pageBy(keys, 'id', wish)
  return { rows: rows.map(infoOf), hasMore }
}

/** Ends a key. Idempotent; `not_found` for keys of other workspaces. */
export async function revokeKey(db: Database, scope: Scope, id: string): Promise<KeyInfo> {
  const row = await db
    .updateTable('keys')
    .set((expression) => ({
      revoked_at: expression.fn.coalesce('revoked_at', expression.val(new Date())),
    }))
    .where('id', '=', id)
    .where('workspace_id', '=', scope.workspaceId)
    .where('purpose', '=', 'service')
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `No key ${id} in this workspace.`)
  if (row.role === 'owner' && scope.isHome) await requireOwnerLeft(db, scope)
  return infoOf(row)
}

/** A successor has the limits of the old key, with what is used of them: rotating gives nothing anew. */
async function takeLimitsOver(db: Database, from: string, to: string): Promise<void> {
  const limits = await db
    .selectFrom('limits')
    .selectAll()
    .where('subject_kind', '=', 'key')
    .where('subject_id', '=', from)
    .where('removed_at', 'is', null)
    .execute()
  for (const { created_at: _created, ...limit } of limits) {
    const id = newId('lim')
    await db
      .insertInto('limits')
      .values({ ...limit, id, subject_id: to })
      .execute()
    await sql`insert into limit_counters (limit_id, window_start, used)
      select ${id}, window_start, used from limit_counters where limit_id = ${limit.id}`.execute(db)
  }
}

/**
 * Makes a key that takes over from another with the same rights. The old one goes on working for
 * `overlapHours` more, or until it would have expired anyway, so that nothing stops while its users
 * change over. Run in a transaction.
 */
export async function rotateKey(
  db: Database,
  scope: Scope,
  id: string,
  overlapHours: number,
): Promise<{ key: KeyInfo; secret: string; old: KeyInfo }> {
  const now = Date.now()
  const old = await db
    .selectFrom('keys')
    .selectAll()
    .where('id', '=', id)
    .where('workspace_id', '=', scope.workspaceId)
    .where('purpose', '=', 'service')
    .forUpdate()
    .executeTakeFirst()
  if (!old) throw new AppError('not_found', `No key ${id} in this workspace.`)
  const ended = old.revoked_at || (old.expires_at && old.expires_at.getTime() <= now)
  if (ended || old.rotated_to) {
    throw new AppError(
      'conflict',
      old.rotated_to
        ? `The key "${old.name}" has a successor already: ${old.rotated_to}. Rotate that one.`
        : `The key "${old.name}" has ended. Make a new one.`,
    )
  }
  const made = await createKey(db, scope, {
    name: old.name,
    role: old.role,
    scopes: (old.scopes as Permission[] | null) ?? undefined,
    allowedModels: old.allowed_models ?? undefined,
    allowedDataClasses: old.allowed_data_classes ?? undefined,
    memberId: old.member_id ?? undefined,
    // As long a life as the old one was given.
    expiresAt: old.expires_at
      ? new Date(now + old.expires_at.getTime() - old.created_at.getTime())
      : undefined,
  })
  await takeLimitsOver(db, old.id, made.key.id)
  const overlapEnds = now + overlapHours * 3_600_000
  const expires = Math.min(old.expires_at?.getTime() ?? overlapEnds, overlapEnds)
  const changed = await db
    .updateTable('keys')
    .set({ expires_at: new Date(expires), rotated_to: made.key.id })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return { ...made, old: infoOf(changed) }
}
