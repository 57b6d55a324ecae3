/**
 * The one writer of the ledger and the audit chain. What happened is durable when `book` resolves;
 * events that end at the same time share a commit, so that the chain costs a call little.
 */
import { sql } from 'kysely'
import type { Counted, Estimate } from '../access/budgets.ts'
import type { Clock } from '../clock.ts'
import { type Database, type DatabaseTransaction, withRetries } from '../store/database.ts'
import { createGroupCommit, type GroupCommit } from '../store/group-commit.ts'
import { storedResult } from '../store/runs.ts'
import type { Row } from '../store/schema.ts'
import { type AuditEvent, auditEntry } from './audit/record.ts'

/** What a finished call adds to its audit event. */
export interface CallBooking {
  ledger: Omit<Row<'ledger_entries'>, 'audit_seq' | 'at'>
  /** Number of the reservation that ends with it; null when it had none of its own. */
  reservation: string | null
  /** The counters its reservation was counted against, and what it really used. */
  counted: Counted[]
  actual: Estimate
  /** The result line of a durable run, written with the booking or not at all. */
  item?: { run: string; index: number; status: 'done' | 'failed'; result: unknown } | undefined
}

export interface Booking {
  /** Appends one event, with its call's ledger entry if it is one. Returns the audit number. */
  book(event: AuditEvent, call?: CallBooking): Promise<number>
  /** Appends events of one organisation in the transaction of the change they tell of. */
  append(transaction: DatabaseTransaction, ...events: [AuditEvent, ...AuditEvent[]]): Promise<void>
  drain(): Promise<void>
}

const groups = { sizeMax: 128, pauseMsMax: 8 }

export function createBooking(db: Database, clock: Clock): Booking {
  /** One organisation's entries; a chain each, so that a group writes to one. */
  const commitsOf = new Map<string, GroupCommit<object, number>>()

  function commits(organisation: string): GroupCommit<object, number> {
    let found = commitsOf.get(organisation)
    if (!found) {
      found = createGroupCommit(async (entries) => {
        const { rows } = await withRetries(5, () =>
          sql<{ numbers: unknown[] }>`
            select book(${organisation}, ${JSON.stringify(entries)}::jsonb) as numbers`.execute(db),
        )
        return rows[0]!.numbers.map(Number)
      }, groups)
      commitsOf.set(organisation, found)
    }
    return found
  }

  return {
    book(event, call) {
      const at = new Date(clock.now())
      return commits(event.organisationId).add({
        audit: auditEntry(event, at),
        ...(call && {
          ledger: { ...call.ledger, at: at.toISOString() },
          ...(call.counted.length > 0 && {
            counted: call.counted,
            actual: { requests: 1, ...call.actual },
          }),
          ...(call.reservation && { reservation: call.reservation }),
          ...(call.item && { item: { ...call.item, result: storedResult(call.item.result) } }),
        }),
      })
    },
    async append(transaction, ...events) {
      const at = new Date(clock.now())
      const entries = events.map((event) => ({ audit: auditEntry(event, at) }))
      await sql`select book(${events[0].organisationId}, ${JSON.stringify(entries)}::jsonb)`.execute(
        transaction,
      )
    },
    async drain() {
      await Promise.all([...commitsOf.values()].map((one) => one.drain()))
    },
  }
}
