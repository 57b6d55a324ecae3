/**
 * Client sessions: secrets for programs that must not hold a key, such as a page in a browser. One acts as
 * the key it was made with, so that whatever ends or limits the key holds for it too; and it can do less:
 * the routes that are open to it, with one model, for minutes.
 */
import { randomBytes } from 'node:crypto'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Database } from '../store/database.ts'
import { clientSecretPrefix, secretHash } from './authenticate.ts'
import type { Scope } from './scope.ts'

export const clientSessionSecondsMax = 3600

export interface NewClientSession {
  id: string
  /** In the answer to its making only; its hash is kept. */
  secret: string
  expiresAt: Date
}

/** Makes a session for a model; `forbidden` for one that the scope may not call itself. */
export async function createClientSession(
  db: Database,
  scope: Scope,
  wanted: { model: string; names: readonly string[]; expiresAt: Date },
): Promise<NewClientSession> {
  const { allowedModels } = scope
  if (allowedModels && !wanted.names.some((name) => allowedModels.includes(name))) {
    throw new AppError('forbidden', `This key may not call "${wanted.model}" itself.`, {
      param: 'model',
    })
  }
  const id = newId('cls')
  const secret = `${clientSecretPrefix}${randomBytes(32).toString('base64url')}`
  await db
    .insertInto('client_sessions')
    .values({
      id,
      secret_hash: secretHash(secret),
      key_id: scope.keyId,
      model: wanted.model,
      expires_at: wanted.expiresAt,
    })
    .execute()
  return { id, secret, expiresAt: wanted.expiresAt }
}

/** Forgets sessions that have ended. */
export async function forgetClientSessions(db: Database, now: number): Promise<void> {
  await db.deleteFrom('client_sessions').where('expires_at', '<', new Date(now)).execute()
}
