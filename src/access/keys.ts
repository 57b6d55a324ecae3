/** Service keys: made, listed, revoked. The secret is shown once; only its hash is kept. */
import { randomBytes } from 'node:crypto'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Database, DatabaseTransaction } from '../store/database.ts'
import type { Role, Row } from '../store/schema.ts'
import { effectivePermissions, secretHash } from './authenticate.ts'
import type { Permission } from './permissions.ts'
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

export type KeyInfo = Omit<Row<'keys'>, 'secret_hash'>

const secretBytes = 32
const shownCharacters = 12

/** Makes a key in the scope's workspace. A key can never do more than its maker. */
export async function createKey(
  db: Database,
  scope: Scope,
  wanted: NewKey,
): Promise<{ key: KeyInfo; secret: string }> {
  const granted = effectivePermissions(wanted.role, null, wanted.scopes ?? null)
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

async function requireMember(db: Database, scope: Scope, memberId: string): Promise<void> {
  const member = await db
    .selectFrom('memberships')
    .innerJoin('members', 'members.id', 'memberships.member_id')
    .select('members.id')
    .where('members.id', '=', memberId)
    .where('members.organisation_id', '=', scope.organisationId)
    .where('memberships.workspace_id', '=', scope.workspaceId)
    .where('members.removed_at', 'is', null)
    .executeTakeFirst()
  if (!member) {
    throw new AppError('not_found', `No member ${memberId} in this workspace.`, { param: 'member' })
  }
}

/** Writes the key's row; used directly only for the first key of an installation. */
export async function insertKey(
  db: Database | DatabaseTransaction,
  wanted: NewKey & { organisationId: string; workspaceId: string; createdBy: string | null },
): Promise<{ key: KeyInfo; secret: string }> {
  const secret = `bst_${randomBytes(secretBytes).toString('base64url')}`
  const { secret_hash: _hash, ...key } = await db
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
  return { key, secret }
}

export async function listKeys(db: Database, scope: Scope): Promise<KeyInfo[]> {
  const rows = await db
    .selectFrom('keys')
    .selectAll()
    .where('workspace_id', '=', scope.workspaceId)
    .orderBy('created_at')
    .execute()
  return rows.map(({ secret_hash: _hash, ...key }) => key)
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
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `No key ${id} in this workspace.`)
  const { secret_hash: _hash, ...key } = row
  return key
}
