/**
 * The one way in: every kind of credential ends in `authenticate`, which yields a scope or throws.
 * Restrictions (expiry, revocation, suspension) are checked here and nowhere else.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createFreshness } from '../freshness.ts'
import type { Database } from '../store/database.ts'
import type { Role } from '../store/schema.ts'
import { isPermission, type Permission, permissionsOf } from './permissions.ts'
import { makeScope, type Scope } from './scope.ts'

export type Credential =
  | { kind: 'key'; secret: string }
  | { kind: 'session'; secret: string }
  /** A durable run acting for the key that started it. */
  | { kind: 'run'; keyId: string }

export interface Authenticator {
  authenticate(credential: Credential): Promise<Scope>
  /** Forgets cached answers after a change of keys or members. */
  forget(): void
  /** Writes when keys were last used. */
  flush(): Promise<void>
}

/** What the secret of a client session begins with, so that it is known without asking for keys. */
export const clientSecretPrefix = 'rt_'

/** All that a client session can do of what its key can; which routes are open to it, they say themselves. */
const clientPermissions: ReadonlySet<Permission> = new Set<Permission>(['inference:use'])

const refusal = 'The key is not valid. Check it, or make a new one with "./bastide key create".'

/** A scope, and when its key or session ends by itself. */
interface Standing {
  scope: Scope
  endsAt: number
  keyName: string
}

function expired(name: string): AppError {
  return new AppError('unauthenticated', `The key "${name}" has expired. Make a new one.`)
}

export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export function createAuthenticator(db: Database, clock: Clock): Authenticator {
  // Keyed by credential kind and the hash of the whole secret, so no two credentials can collide.
  // Revocation by another server is seen here within two seconds.
  const scopes = createFreshness<Standing>(clock)
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
        'workspaces.is_home',
      ])
    if (credential.kind === 'key' && credential.secret.startsWith(clientSecretPrefix)) {
      query = query
        .innerJoin('client_sessions', 'client_sessions.key_id', 'keys.id')
        .where('client_sessions.secret_hash', '=', secretHash(credential.secret))
        .where('client_sessions.expires_at', '>', now)
        .select(['client_sessions.expires_at as session_expires_at', 'client_sessions.model'])
    } else if (credential.kind === 'key') {
      query = query.where('keys.secret_hash', '=', secretHash(credential.secret))
    } else if (credential.kind === 'run') {
      query = query.where('keys.id', '=', credential.keyId)
    } else {
      query = query
        .innerJoin('sessions', 'sessions.key_id', 'keys.id')
        .where('sessions.secret_hash', '=', secretHash(credential.secret))
        .where('sessions.expires_at', '>', now)
        .select('sessions.expires_at as session_expires_at')
    }
    type Row = Awaited<ReturnType<typeof query.executeTakeFirst>>
    return query.executeTakeFirst() as Promise<Row & { session_expires_at?: Date; model?: string }>
  }

  async function resolve(credential: Credential): Promise<Standing> {
    const row = await findKeyRow(credential)
    const now = clock.now()
    if (!row || row.revoked_at || row.erased_at) throw new AppError('unauthenticated', refusal)
    if (row.expires_at && row.expires_at.getTime() <= now) throw expired(row.name)
    if (row.member_id && (row.suspended_at || row.removed_at || !row.member_role)) {
      throw new AppError('unauthenticated', 'The member this key belongs to has no access now.')
    }
    const clientModel = row.model ?? null
    const permissions = effectivePermissions(row.role, row.member_role, row.scopes, row.is_home)
    lastUsed.set(row.id, new Date(now))
    const scope = makeScope({
      organisationId: row.organisation_id,
      workspaceId: row.workspace_id,
      actor: row.member_id
        ? { kind: 'member', id: row.member_id, name: row.member_name ?? row.name }
        : { kind: 'key', id: row.id, name: row.name },
      keyId: row.id,
      memberId: row.member_id,
      // A console key narrows nothing: the member's role is the one to be seen.
      role: row.purpose === 'console' && row.member_role ? row.member_role : row.role,
      isConsole: row.purpose === 'console' && clientModel === null,
      isHome: row.is_home,
      permissions: clientModel === null ? permissions : permissions.intersection(clientPermissions),
      clientModel,
      allowedModels: row.allowed_models,
      allowedDataClasses: row.allowed_data_classes,
    })
    const endOf = (time?: Date | null) => time?.getTime() ?? Number.POSITIVE_INFINITY
    const endsAt = Math.min(endOf(row.expires_at), endOf(row.session_expires_at))
    return { scope, endsAt, keyName: clientModel === null ? row.name : 'client session' }
  }

  async function authenticate(credential: Credential): Promise<Scope> {
    const secret = credential.kind === 'run' ? credential.keyId : credential.secret
    const slot = `${credential.kind}:${secretHash(secret).toString('base64')}`
    const { scope, endsAt, keyName } = await scopes.get(slot, () => resolve(credential))
    if (endsAt <= clock.now()) throw expired(keyName)
    return scope
  }

  return {
    authenticate,
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
  isHome: boolean,
): ReadonlySet<Permission> {
  let allowed = permissionsOf(role, isHome)
  if (memberRole) allowed = allowed.intersection(permissionsOf(memberRole, isHome))
  if (scopes) allowed = allowed.intersection(new Set(scopes.filter(isPermission)))
  return allowed
}
