/** Console sessions: what a browser's cookie stands for. Each acts through a key. */

import { randomBytes } from 'node:crypto'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Database } from '../store/database.ts'
import { type Page, type PageWish, pageBy } from '../store/paging.ts'
import { secretHash } from './authenticate.ts'
import type { Scope } from './scope.ts'

const sessionHours = 12

export interface NewSession {
  id: string
  /** Goes into the browser's cookie; only its hash is kept. */
  secret: string
  expiresAt: Date
}

/** Starts a session that acts through a key. `providerId`: where the member signed in. */
export async function startSession(
  db: Database,
  wanted: { keyId: string; providerId: string | null; now: number },
): Promise<NewSession> {
  const id = newId('ses')
  const secret = randomBytes(32).toString('base64url')
  const expiresAt = new Date(wanted.now + sessionHours * 3_600_000)
  await db
    .insertInto('sessions')
    .values({
      id,
      secret_hash: secretHash(secret),
      key_id: wanted.keyId,
      provider_id: wanted.providerId,
      expires_at: expiresAt,
    })
    .execute()
  return { id, secret, expiresAt }
}

/** The key that a member's sessions in a workspace act through; made at the first one. */
export async function consoleKey(
  db: Database,
  member: { id: string; name: string; organisationId: string },
  workspaceId: string,
): Promise<string> {
  const find = () =>
    db
      .selectFrom('keys')
      .select('id')
      .where('member_id', '=', member.id)
      .where('workspace_id', '=', workspaceId)
      .where('purpose', '=', 'console')
      .executeTakeFirst()
  const found = await find()
  if (found) return found.id
  await db
    .insertInto('keys')
    .values({
      id: newId('key'),
      organisation_id: member.organisationId,
      workspace_id: workspaceId,
      member_id: member.id,
      name: `console of ${member.name}`,
      secret_hash: null,
      prefix: '',
      purpose: 'console',
      // The member's role in the workspace decides; this one narrows nothing.
      role: 'owner',
      created_by: member.id,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await find())!.id
}

export interface SessionInfo {
  id: string
  keyId: string
  keyName: string
  memberId: string | null
  memberName: string | null
  providerName: string | null
  createdAt: Date
  expiresAt: Date
}

/** Sessions of the scope's workspace that have not ended, newest first. */
export function listSessions(
  db: Database,
  scope: Scope,
  now: number,
  wish: PageWish,
): Promise<Page<SessionInfo>> {
  const open = db
    .selectFrom('sessions')
    .innerJoin('keys', 'keys.id', 'sessions.key_id')
    .leftJoin('members', 'members.id', 'keys.member_id')
    .leftJoin('identity_providers', 'identity_providers.id', 'sessions.provider_id')
    .select([
      'sessions.id',
      'keys.id as keyId',
      'keys.name as keyName',
      'members.id as memberId',
      'members.name as memberName',
      'identity_providers.name as providerName',
      'sessions.created_at as createdAt',
      'sessions.expires_at as expiresAt',
    ])
    .where('keys.workspace_id', '=', scope.workspaceId)
    .where('keys.revoked_at', 'is', null)
    .where('sessions.expires_at', '>', new Date(now))
  return pageBy(open, 'sessions.id', wish)
}

/** Ends a session of the scope's workspace. */
export async function endSession(db: Database, scope: Scope, id: string): Promise<void> {
  const mine = db
    .selectFrom('keys')
    .select('keys.id')
    .where('keys.workspace_id', '=', scope.workspaceId)
  const ended = await db
    .deleteFrom('sessions')
    .where('id', '=', id)
    .where('key_id', 'in', mine)
    .returning('id')
    .executeTakeFirst()
  if (!ended) throw new AppError('not_found', `No session ${id} in this workspace.`)
}

/**
 * Ends a member's console session, so that another may begin for them elsewhere. Throws `forbidden` for
 * any other: a session that acts through a key can do what the key can, and that is less.
 */
export async function leaveConsole(
  db: Database,
  scope: Scope,
  secret: string,
): Promise<{ providerId: string | null }> {
  const left = scope.isConsole
    ? await db
        .deleteFrom('sessions')
        .where('secret_hash', '=', secretHash(secret))
        .where('key_id', '=', scope.keyId)
        .returning('provider_id as providerId')
        .executeTakeFirst()
    : undefined
  if (left) return left
  throw new AppError(
    'forbidden',
    'Only who signed in with an identity provider can go on in another workspace. Sign in there with a key of it.',
  )
}

/** Ends the session of a cookie; whoever holds the cookie may. Undefined if it was over. */
export function endOwnSession(db: Database, secret: string): Promise<{ id: string } | undefined> {
  return db
    .deleteFrom('sessions')
    .where('secret_hash', '=', secretHash(secret))
    .returning('id')
    .executeTakeFirst()
}
