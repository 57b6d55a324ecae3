/** A change and its audit record are one transaction: neither is ever there without the other. */
import type { Scope } from '../access/scope.ts'
import type { AuditEvent } from '../assurance/audit/record.ts'
import type { Booking } from '../assurance/booking.ts'
import type { Database, DatabaseTransaction } from '../store/database.ts'

export interface Told {
  subject: { kind: string; id: string }
  details?: Record<string, unknown>
}

export interface ChangeMade<T> extends Told {
  result: T
}

/** Who asks for a change, in which request. */
export interface Asking {
  scope: Scope
  requestId: string
}

/** Tells the audit log of changes, in their own transaction. `kind` is `<thing>.<verb>`. */
export type RecordChange = (
  transaction: DatabaseTransaction,
  asking: Asking,
  kind: string,
  ...told: [Told, ...Told[]]
) => Promise<void>

export interface Change {
  /** Makes a change and records it; returns what `make` returned as its result. */
  <T>(
    asking: Asking,
    kind: string,
    make: (transaction: DatabaseTransaction) => Promise<ChangeMade<T>>,
  ): Promise<T>
}

export function createRecordChange(booking: Booking): RecordChange {
  return (transaction, { scope, requestId }, kind, ...told) => {
    const eventOf = ({ subject, details }: Told): AuditEvent => ({
      organisationId: scope.organisationId,
      workspaceId: scope.workspaceId,
      kind,
      actor: scope.actor,
      subject,
      outcome: 'ok',
      details: { ...details, request: requestId },
    })
    const [first, ...more] = told
    return booking.append(transaction, eventOf(first), ...more.map(eventOf))
  }
}

export function createChange(db: Database, record: RecordChange): Change {
  return (asking, kind, make) =>
    db.transaction().execute(async (transaction) => {
      const { result, ...told } = await make(transaction)
      await record(transaction, asking, kind, told)
      return result
    })
}
