/** A change and its audit record are one transaction: neither is ever there without the other. */
import type { Scope } from '../access/scope.ts'
import type { Booking } from '../assurance/booking.ts'
import type { Database, DatabaseTransaction } from '../store/database.ts'

export interface ChangeMade<T> {
  result: T
  subject: { kind: string; id: string }
  details?: Record<string, unknown>
}

export interface Change {
  /** `kind` is `<thing>.<verb>`, e.g. `key.create`. Returns what `make` returned as its result. */
  <T>(
    incoming: { scope: Scope; requestId: string },
    kind: string,
    make: (transaction: DatabaseTransaction) => Promise<ChangeMade<T>>,
  ): Promise<T>
}

export function createChange(db: Database, booking: Booking): Change {
  return ({ scope, requestId }, kind, make) =>
    db.transaction().execute(async (transaction) => {
      const { result, subject, details } = await make(transaction)
      await booking.append(transaction, changeEvent(scope, requestId, kind, subject, details))
      return result
    })
}

export function changeEvent(
  scope: Scope,
  requestId: string,
  kind: string,
  subject: { kind: string; id: string },
  details: Record<string, unknown> = {},
) {
  return {
    organisationId: scope.organisationId,
    workspaceId: scope.workspaceId,
    kind,
    actor: scope.actor,
    subject,
    outcome: 'ok' as const,
    details: { ...details, request: requestId },
  }
}
