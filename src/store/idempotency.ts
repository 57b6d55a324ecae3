/**
 * Requests that are done once however often they are sent (Idempotency-Key, after
 * draft-ietf-httpapi-idempotency-key-header). The first one is done and its answer kept, sealed; a repeated
 * one gets that answer. Nothing is guessed: where the end of the first is not known, the repeated one is
 * refused and says so.
 */
import type { Scope } from '../access/scope.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { Database } from './database.ts'
import type { Keyring } from './keyring.ts'
import { seal, unseal } from './seal.ts'

/** How long answers are kept. */
const idempotencyHours = 24
const answerBytesMax = 4 * 2 ** 20

export interface StoredAnswer {
  status: number
  /** JSON text; empty for an answer without a body. */
  body: string
}

export type Begun =
  | { replay: StoredAnswer }
  | {
      /** Keeps the answer of the request that was done. */
      done(answer: StoredAnswer): Promise<void>
      /** The request changed nothing: it may be sent again. */
      undone(): Promise<void>
    }

export interface Idempotency {
  begin(scope: Scope, request: { route: string; header: string; body: string }): Promise<Begun>
}

export function createIdempotency(parts: {
  db: Database
  keyring: Keyring
  clock: Clock
}): Idempotency {
  const { db, keyring, clock } = parts

  return {
    async begin(scope, { route, header, body }) {
      if (!/^[\x21-\x7e]{1,255}$/.test(header)) {
        throw new AppError(
          'invalid_request',
          'The Idempotency-Key header must be 1 to 255 printable ASCII characters without spaces.',
        )
      }
      const key = await keyring.dataKey(scope.workspaceId)
      const place = {
        workspace_id: scope.workspaceId,
        key_id: scope.keyId,
        slot: key.digest(JSON.stringify([route, header])),
      }
      const fingerprint = key.digest(body)
      const context = `idempotency:${place.slot}`
      const now = clock.now()
      await db
        .deleteFrom('idempotency_keys')
        .where('begun_at', '<', new Date(now - idempotencyHours * 3_600_000))
        .execute()
      const begun = await db
        .insertInto('idempotency_keys')
        .values({ ...place, fingerprint, begun_at: new Date(now) })
        .onConflict((conflict) => conflict.doNothing())
        .returning('slot')
        .executeTakeFirst()
      const mine = () =>
        db
          .updateTable('idempotency_keys')
          .where('workspace_id', '=', place.workspace_id)
          .where('key_id', '=', place.key_id)
          .where('slot', '=', place.slot)
      if (!begun) return { replay: await answerOf(db, place, fingerprint, key.encryption, context) }
      return {
        async done({ status, body: text }) {
          const fits = text.length <= answerBytesMax
          const answer = fits ? seal(key.encryption, Buffer.from(text), context) : null
          await mine().set({ status, answer }).execute()
        },
        async undone() {
          await db
            .deleteFrom('idempotency_keys')
            .where('workspace_id', '=', place.workspace_id)
            .where('key_id', '=', place.key_id)
            .where('slot', '=', place.slot)
            .execute()
        },
      }
    },
  }
}

async function answerOf(
  db: Database,
  place: { workspace_id: string; key_id: string; slot: string },
  fingerprint: string,
  encryption: Buffer,
  context: string,
): Promise<StoredAnswer> {
  const row = await db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('workspace_id', '=', place.workspace_id)
    .where('key_id', '=', place.key_id)
    .where('slot', '=', place.slot)
    .executeTakeFirst()
  if (!row) {
    throw new AppError('conflict', 'The first request with this idempotency key has just ended.', {
      retryAfterSeconds: 1,
    })
  }
  if (row.fingerprint !== fingerprint) {
    throw new AppError(
      'invalid_request',
      'This idempotency key was used for a request with another body. Use a new key for a new request.',
    )
  }
  if (row.status === null) {
    throw new AppError(
      'conflict',
      `The first request with this idempotency key began at ${row.begun_at.toISOString()} and has not ended, as far as is known. Unless it still runs, something failed in the middle of it: look whether its effect is there, then use a new key.`,
      { retryAfterSeconds: 2 },
    )
  }
  if (!row.answer) {
    throw new AppError(
      'conflict',
      'The request was done, but its answer was too large to be kept. Look for its effect instead.',
    )
  }
  return { status: row.status, body: unseal(encryption, row.answer, context).toString() }
}
