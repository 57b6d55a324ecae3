/**
 * The one writer of the ledger and the audit chain. What happened is durable when `book` resolves;
 * events that end at the same time share a commit, so that the chain costs a call little. In front of the
 * embedded database finished calls go to a journal, and the database takes them over from there at once:
 * their callers do not wait for it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Counted, Estimate } from '../access/budgets.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import {
  type Database,
  type DatabaseTransaction,
  databaseError,
  withRetries,
} from '../store/database.ts'
import { createGroupCommit, type GroupCommit } from '../store/group-commit.ts'
import type { Journal } from '../store/journal.ts'
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
  /** Called when the database has counted it, or refused it: what it reserved is given back then. */
  settled(): void
  /** The result line of a durable run, written with the booking or not at all. */
  item?: { run: string; index: number; status: 'done' | 'failed'; result: unknown } | undefined
}

export interface Booking {
  /** Appends one event, with its call's ledger entry if it is one. */
  book(event: AuditEvent, call?: CallBooking): Promise<void>
  /** Appends events of one organisation in the transaction of the change they tell of. */
  append(transaction: DatabaseTransaction, ...events: [AuditEvent, ...AuditEvent[]]): Promise<void>
  /** Resolves when what was booked so far can be read, or could not be written for now. */
  drain(): Promise<void>
  /** Takes over what the journal kept of a process that was killed. */
  recover(): Promise<void>
  close(): Promise<void>
}

const groups = { sizeMax: 128, pauseMsMax: 8, lingerMs: 50 }
const retry = { stepMs: 500, maxMs: 10_000 }

/** So many calls in the journal alone mean that the database is behind: then callers wait for it. */
const aheadMax = 2_000

export interface BookingParts {
  db: Database
  clock: Clock
  /** Null where the database is a server's, which several processes write to. */
  journal: Journal | null
  log: Log
}

/** An entry of the journal. */
interface Kept {
  organisation: string
  entry: object
}

export function createBooking({ db, clock, journal, log }: BookingParts): Booking {
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

  /** Calls that are in the journal and not yet in the database. */
  const ahead = new Set<Promise<void>>()
  const closing = new AbortController()

  /** Tries until the database has it, or the program ends; meanwhile it is in the journal. */
  async function takeOver(first: Promise<unknown>, again: () => Promise<unknown>): Promise<void> {
    for (let trying = first, attempt = 1; ; trying = again(), attempt++) {
      try {
        await trying
        return
      } catch (error) {
        const known = databaseError(error)
        if (attempt === 1) {
          log.error({ err: known, cause: known.cause }, 'a call stays in the journal for now')
        }
        if (closing.signal.aborted) throw known
        const pauseMs = Math.min(retry.maxMs, retry.stepMs * attempt)
        // The end of the program ends the pause, which then is no failure: the next turn is the last.
        await sleep(pauseMs, null, { signal: closing.signal }).catch(() => {})
      }
    }
  }

  async function bookInJournal(
    to: Journal,
    organisation: string,
    entry: object,
    call: CallBooking,
  ) {
    const kept = to.append(JSON.stringify({ organisation, entry }))
    const write = () => commits(organisation).addLater(entry)
    const first = write()
    const taken = takeOver(first, write)
      .then(kept.done)
      .finally(() => {
        ahead.delete(taken)
        call.settled()
      })
    ahead.add(taken)
    // What fails to the end is in the journal, for the next start.
    taken.catch(() => {})
    const isKept = kept.durable.then(
      () => true,
      () => false,
    )
    if (ahead.size > aheadMax) await first.catch(() => {})
    // Where the journal has no room the database must have.
    if (!(await isKept)) await first
  }

  return {
    async book(event, call) {
      const at = new Date(clock.now())
      const organisation = event.organisationId
      const entry = {
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
      }
      // Only a call can be booked again without being there twice; and of a line of a run the run must know.
      if (journal && call && !call.item) {
        await bookInJournal(journal, organisation, entry, call)
      } else await commits(organisation).add(entry).finally(call?.settled)
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
    async recover() {
      if (!journal) return
      const left = journal.left.map((line) => JSON.parse(line) as Kept)
      const results: PromiseSettledResult<number>[] = []
      for (let start = 0; start < left.length; start += groups.sizeMax) {
        const chunk = left.slice(start, start + groups.sizeMax)
        const taken = chunk.map(({ organisation, entry }) => commits(organisation).add(entry))
        results.push(...(await Promise.allSettled(taken)))
      }
      const failed = results.find((one) => one.status === 'rejected')
      // Left where it is: it is tried again at the next start.
      if (failed) log.error({ err: databaseError(failed.reason) }, 'a call stays in the journal')
      else await journal.leftDone()
    },
    async close() {
      closing.abort()
      await this.drain()
      await Promise.allSettled(ahead)
      await journal?.close()
    },
  }
}
