/**
 * The one writer of the ledger and the audit chain. What happened is durable when `book` resolves;
 * events that end at the same time share a commit, so that the chain costs a call little.
 */
import { sql } from 'kysely'
import type { Counted, Estimate } from '../access/budgets.ts'
import type { Clock } from '../clock.ts'
import { type Database, type DatabaseTransaction, withRetries } from '../store/database.ts'
import { createGroupCommit } from '../store/group-commit.ts'
import type { Row } from '../store/schema.ts'
import { type AuditEvent, auditEntry } from './audit/record.ts'

/** What a finished call adds to its audit event. */
export interface CallBooking {
  ledger: Omit<Row<'ledger_entries'>, 'audit_seq' | 'at'>
  /** The counters its reservation was counted against, and what it really used. */
  counted: Counted[]
  actual: Estimate
  /** The result line of a durable run, written with the booking or not at all. */
  item?: { run: string; index: number; status: 'done' | 'failed'; result: unknown } | undefined
}

export interface Booking {
  /** Appends one event, with its call's ledger entry if it is one. Returns the audit number. */
  book(event: AuditEvent, call?: CallBooking): Promise<number>
  /** Appends an event in the transaction of the change it tells of. */
  append(transaction: DatabaseTransaction, event: AuditEvent): Promise<void>
  drain(): Promise<void>
}

const groupSizeMax = 128

export function createBooking(db: Database, clock: Clock): Booking {
  const commits = createGroupCommit<object, number>(async (entries) => {
    const answer = await withRetries(5, () =>
      sql<{ numbers: number[] }>`
        select book(${JSON.stringify(entries)}::jsonb) as numbers`.execute(db),
    )
    return answer.rows[0]!.numbers
  }, groupSizeMax)

  return {
    book(event, call) {
      const at = new Date(clock.now())
      return commits.add({
        organisation: event.organisationId,
        audit: auditEntry(event, at),
        ...(call && {
          ledger: { ...call.ledger, at: at.toISOString() },
          counted: call.counted,
          actual: { requests: 1, ...call.actual },
          ...(call.item && { item: call.item }),
        }),
      })
    },
    async append(transaction, event) {
      const entry = JSON.stringify(auditEntry(event, new Date(clock.now())))
      await sql`select append_audit(${event.organisationId}, ${entry}::jsonb)`.execute(transaction)
    },
    drain: () => commits.drain(),
  }
}
