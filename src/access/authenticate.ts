/**
 * The one way in: every kind of credential ends in `authenticate`, which yields a scope or throws.
 * Restrictions (expiry, revocation, suspension) are checked here and nowhere else.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createFreshness } from '../freshness.ts'
import type { Database } from '../store/database.ts'
import type { Role } from '../store/schema.ts'
import { isPermission, type Permission, rolePermissions } from './permissions.ts'
import { makeScope, type Scope } from './scope.ts'

export type Credential =
  | { kind: 'key'; secret: string }
  | { kind: 'session'; secret: string }
  /** A durable run acting for the key that started it. */
  | { kind: 'run'; keyId: string }

export interface Authenticator {
  authenticate(credential: Credential): Promise<Scope>
  /** Starts a console session for a key; the secret goes into the browser's cookie. */
  startSession(keySecret: string): Promise<{ secret: string; expiresAt: Date; scope: Scope }>
  endSession(secret: string): Promise<void>
  /** Forgets cached answers after a change of keys or members. */
  forget(): void
  /** Writes when keys were last used. */
  flush(): Promise<void>
}

const sessionHours = 12

const refusal = 'The key is not valid. Check it, or make a new one with "./bastide key create".'

export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export function createAuthenticator(db: Database, clock: Clock): Authenticator {
  // Keyed by credential kind and the hash of the whole secret, so no two credentials can collide.
  // Revocation by another server is seen here within two seconds.
  const scopes = createFreshness<Scope>(clock)
  const lastUsed = new Map<string, Date>()

  async function findKeyRow(credential: Credential) {
    const now = new Date(clock.now())
    let query = db
      .selectFrom('keys')
      .leftJoin('members', 'members.id', 'keys.member_id')
      .innerJoin('workspaces', 'workspaces.id', 'keys.workspace_id')
      .leftJoin('memberships', (join) =>
        join
          .onRef('memberships.member_id', '=', 'keys.member_id')
          .onRef('memberships.workspace_id', '=', 'keys.workspace_id'),
      )
      .selectAll('keys')
      .select([
        'members.name as member_name',
        'members.suspended_at',
        'members.removed_at',
        'memberships.role as member_role',
        'workspaces.erased_at',
      ])
    if (credential.kind === 'key') {
      query = query.where('keys.secret_hash', '=', secretHash(credential.secret))
    } else if (credential.kind === 'run') {
      query = query.where('keys.id', '=', credential.keyId)
    } else {
      query = query
        .innerJoin('sessions', 'sessions.key_id', 'keys.id')
        .where('sessions.secret_hash', '=', secretHash(credential.secret))
        .where('sessions.expires_at', '>', now)
    }
    return query.executeTakeFirst()
  }

  async function resolve(credential: Credential): Promise<Scope> {
    const row = await findKeyRow(credential)
    const now = clock.now()
    if (!row || row.revoked_at || row.erased_at) throw new AppError('unauthenticated', refusal)
    if (row.expires_at && row.expires_at.getTime() <= now) {
      throw new AppError('unauthenticated', `The key "${row.name}" has expired. Make a new one.`)
    }
    if (row.member_id && (row.suspended_at || row.removed_at || !row.member_role)) {
      throw new AppError('unauthenticated', 'The member this key belongs to has no access now.')
    }
    lastUsed.set(row.id, new Date(now))
    return makeScope({
      organisationId: row.organisation_id,
      workspaceId: row.workspace_id,
      actor: row.member_id
        ? { kind: 'member', id: row.member_id, name: row.member_name ?? row.name }
        : { kind: 'key', id: row.id, name: row.name },
      keyId: row.id,
      memberId: row.member_id,
      role: row.role,
      permissions: effectivePermissions(row.role, row.member_role, row.scopes),
      allowedModels: row.allowed_models,
      allowedDataClasses: row.allowed_data_classes,
    })
  }

  async function authenticate(credential: Credential): Promise<Scope> {
    const secret = credential.kind === 'run' ? credential.keyId : credential.secret
    const slot = `${credential.kind}:${secretHash(secret).toString('base64')}`
    return scopes.get(slot, () => resolve(credential))
  }

  return {
    authenticate,
    async startSession(keySecret) {
      const scope = await authenticate({ kind: 'key', secret: keySecret })
      const secret = randomBytes(32).toString('base64url')
      const expiresAt = new Date(clock.now() + sessionHours * 3_600_000)
      await db
        .insertInto('sessions')
        .values({ secret_hash: secretHash(secret), key_id: scope.keyId, expires_at: expiresAt })
        .execute()
      return { secret, expiresAt, scope }
    },
    async endSession(secret) {
      await db.deleteFrom('sessions').where('secret_hash', '=', secretHash(secret)).execute()
      scopes.forget()
    },
    forget: () => scopes.forget(),
    async flush() {
      const used = [...lastUsed]
      lastUsed.clear()
      for (const [id, at] of used) {
        await db.updateTable('keys').set({ last_used_at: at }).where('id', '=', id).execute()
      }
    },
  }
}

/** What the role allows, narrowed by the member's role in the workspace and by the key's scopes. */
export function effectivePermissions(
  role: Role,
  memberRole: Role | null,
  scopes: readonly string[] | null,
): ReadonlySet<Permission> {
  let allowed = rolePermissions[role]
  if (memberRole) allowed = allowed.intersection(rolePermissions[memberRole])
  if (scopes) allowed = allowed.intersection(new Set(scopes.filter(isPermission)))
  return allowed
}
