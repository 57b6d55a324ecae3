/**
 * Budgets in hand. Asking the database before every call costs more than many a call; so a server
 * sets aside what some calls may need and gives it out by itself. What is in hand is reserved in the
 * database all the while: a limit holds whatever happens to the server, and what it leaves behind is
 * swept up like any reservation. Near a limit there are no leases, and every call asks.
 */
import type { Clock } from '../clock.ts'
import { newId } from '../ids.ts'
import type { Span } from '../store/schema.ts'
import type { Counted, Estimate } from './budgets.ts'
import { windowEnd } from './windows.ts'

/** What a call draws: one request, and its estimate. */
type Amounts = Estimate & { requests: number }

interface Lease {
  id: string
  counted: Counted[]
  left: Amounts
  /** Calls that drew from it and have not ended. */
  outstanding: number
  /** Monotonic; nothing is drawn after it. */
  closesAt: number
  closed: boolean
}

/** A call's part of a lease; `end` is called once, when the call was booked or never ran. */
export interface Draw {
  counted: Counted[]
  end(): void
}

export interface Granted {
  calls: number
  counted: (Counted & { span: Span })[]
}

export interface LeasesOptions {
  clock: Clock
  /** Reserves in the database; null when the limits are too near. */
  acquire(
    leaseId: string,
    asker: Asker,
    amounts: Amounts,
    calls: number,
    lifeMs: number,
  ): Promise<Granted | null>
  /** Gives a lease's reservation back. */
  release(leaseId: string): Promise<void>
}

/** Whose limits a call is under. */
export interface Asker {
  workspaceId: string
  keyId: string
  memberId: string | null
}

export interface Leases {
  /** Null when the call must be reserved by itself. */
  draw(asker: Asker, estimate: Estimate): Promise<Draw | null>
  /** Ends all leases, as when the limits have changed; resolves when what can be is given back. */
  close(): Promise<void>
}

const callsWanted = 32
const lifeMs = 2_000
/** After a refusal the calls ask for themselves for this long. */
const tightMs = 2_000

export function createLeases({ clock, acquire, release }: LeasesOptions): Leases {
  const open = new Map<string, Lease>()
  const opening = new Map<string, Promise<Lease | null>>()
  const tightUntil = new Map<string, number>()
  const releasing = new Set<Promise<void>>()

  function giveBack(lease: Lease): void {
    if (!lease.closed || lease.outstanding > 0) return
    // What cannot be given back now is swept up after its expiry.
    const done = release(lease.id).catch(() => {})
    releasing.add(done)
    void done.then(() => releasing.delete(done))
  }

  function close(slot: string, lease: Lease): void {
    if (lease.closed) return
    lease.closed = true
    if (open.get(slot) === lease) open.delete(slot)
    giveBack(lease)
  }

  async function openLease(slot: string, asker: Asker, amounts: Amounts): Promise<Lease | null> {
    const id = newId('lease')
    const now = clock.now()
    const granted = await acquire(id, asker, amounts, callsWanted, lifeMs)
    if (!granted) {
      if (tightUntil.size > 10_000) tightUntil.clear()
      tightUntil.set(slot, clock.monotonic() + tightMs)
      return null
    }
    const ends = granted.counted.map(({ span }) => windowEnd(span, now)?.getTime() ?? now + lifeMs)
    const openMs = Math.min(lifeMs, ...ends.map((end) => end - now))
    const lease: Lease = {
      id,
      counted: granted.counted.map(({ limit, metric, start }) => ({ limit, metric, start })),
      left: times(amounts, granted.calls),
      outstanding: 0,
      closesAt: clock.monotonic() + openMs,
      closed: false,
    }
    open.set(slot, lease)
    setTimeout(() => close(slot, lease), openMs).unref()
    return lease
  }

  function drawFrom(slot: string, lease: Lease, amounts: Amounts): Draw | null {
    if (lease.closed) return null
    // Closed here and not only by its timer, which may be late: the next lease takes its slot.
    if (clock.monotonic() >= lease.closesAt || !covers(lease.left, amounts)) {
      close(slot, lease)
      return null
    }
    lease.left = minus(lease.left, amounts)
    lease.outstanding += 1
    let ended = false
    return {
      counted: lease.counted,
      end() {
        if (ended) return
        ended = true
        lease.outstanding -= 1
        giveBack(lease)
      },
    }
  }

  return {
    async draw(asker, estimate) {
      const amounts = { ...estimate, requests: 1 }
      const slot = `${asker.workspaceId}/${asker.keyId}/${asker.memberId}`
      const lease = open.get(slot)
      const drawn = lease && drawFrom(slot, lease, amounts)
      if (drawn) return drawn
      if ((tightUntil.get(slot) ?? 0) > clock.monotonic()) return null
      let next = opening.get(slot)
      if (!next) {
        next = openLease(slot, asker, amounts).finally(() => opening.delete(slot))
        opening.set(slot, next)
      }
      const opened = await next
      return opened && drawFrom(slot, opened, amounts)
    },
    async close() {
      await Promise.allSettled(opening.values())
      for (const [slot, lease] of open) close(slot, lease)
      await Promise.all(releasing)
    },
  }
}

const metrics = ['requests', 'tokens', 'euros', 'joules'] as const

function covers(left: Amounts, wanted: Amounts): boolean {
  return metrics.every((metric) => left[metric] >= wanted[metric])
}

function minus(left: Amounts, taken: Amounts): Amounts {
  return mapAmounts((metric) => left[metric] - taken[metric])
}

function times(amounts: Amounts, factor: number): Amounts {
  return mapAmounts((metric) => amounts[metric] * factor)
}

function mapAmounts(value: (metric: keyof Amounts) => number): Amounts {
  return {
    requests: value('requests'),
    tokens: value('tokens'),
    euros: value('euros'),
    joules: value('joules'),
  }
}
