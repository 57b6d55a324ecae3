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
  /** Calls it was made for. */
  calls: number
  left: Amounts
  /** Calls that drew from it and have not ended. */
  outstanding: number
  /** Monotonic; nothing is drawn after it. */
  closesAt: number
  closed: boolean
}

/** What one asker has in hand. */
interface Slot {
  /** The oldest is drawn from first. */
  leases: Lease[]
  opening: Promise<void> | null
  /** Calls the next lease is to be for, and when the last one was asked for; monotonic. */
  callsWanted: number
  askedAt: number
  /** Until then the calls ask for themselves. */
  tightUntil: number
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

/** Few at first; twice as many each time they are drawn quickly. */
const calls = { min: 32, max: 256, quickMs: 500 }
const lifeMs = 2_000
const slotsMax = 10_000
/** After a refusal the calls ask for themselves for this long. */
const tightMs = 2_000

export function createLeases({ clock, acquire, release }: LeasesOptions): Leases {
  const slots = new Map<string, Slot>()
  const releasing = new Set<Promise<void>>()

  function slotOf({ workspaceId, keyId, memberId }: Asker): Slot {
    const name = `${workspaceId}/${keyId}/${memberId}`
    let slot = slots.get(name)
    if (slot) return slot
    if (slots.size >= slotsMax) forgetIdle()
    slot = { leases: [], opening: null, callsWanted: calls.min, askedAt: 0, tightUntil: 0 }
    slots.set(name, slot)
    return slot
  }

  function forgetIdle(): void {
    for (const [name, { leases, opening }] of slots) {
      if (leases.length === 0 && !opening) slots.delete(name)
    }
  }

  function giveBack(lease: Lease): void {
    if (!lease.closed || lease.outstanding > 0) return
    // What cannot be given back now is swept up after its expiry.
    const done = release(lease.id).catch(() => {})
    releasing.add(done)
    void done.then(() => releasing.delete(done))
  }

  function close(slot: Slot, lease: Lease): void {
    if (lease.closed) return
    lease.closed = true
    slot.leases = slot.leases.filter((one) => one !== lease)
    giveBack(lease)
  }

  function open(slot: Slot, asker: Asker, amounts: Amounts): Promise<void> {
    slot.opening ??= openLease(slot, asker, amounts).finally(() => {
      slot.opening = null
    })
    return slot.opening
  }

  async function openLease(slot: Slot, asker: Asker, amounts: Amounts): Promise<void> {
    const id = newId('lease')
    const now = clock.now()
    const sinceMs = clock.monotonic() - slot.askedAt
    if (sinceMs < calls.quickMs) slot.callsWanted = Math.min(calls.max, slot.callsWanted * 2)
    else if (sinceMs > lifeMs) slot.callsWanted = calls.min
    slot.askedAt = clock.monotonic()
    const granted = await acquire(id, asker, amounts, slot.callsWanted, lifeMs)
    if (!granted) {
      slot.tightUntil = clock.monotonic() + tightMs
      return
    }
    const ends = granted.counted.map(({ span }) => windowEnd(span, now)?.getTime() ?? now + lifeMs)
    const openMs = Math.min(lifeMs, ...ends.map((end) => end - now))
    const lease: Lease = {
      id,
      counted: granted.counted.map(({ limit, metric, start }) => ({ limit, metric, start })),
      calls: granted.calls,
      left: times(amounts, granted.calls),
      outstanding: 0,
      closesAt: clock.monotonic() + openMs,
      closed: false,
    }
    slot.leases.push(lease)
    setTimeout(() => close(slot, lease), openMs).unref()
  }

  function drawFrom(slot: Slot, amounts: Amounts): Draw | null {
    for (const lease of slot.leases) {
      const drawn = drawFromLease(slot, lease, amounts)
      if (drawn) return drawn
    }
    return null
  }

  function drawFromLease(slot: Slot, lease: Lease, amounts: Amounts): Draw | null {
    // Closed here and not only by its timer, which may be late: the next lease takes its place.
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

  /** The next lease is asked for when half of the last one is drawn, so that hardly a call waits for it. */
  function openAhead(slot: Slot, asker: Asker, amounts: Amounts): void {
    const [last] = slot.leases
    if (slot.leases.length !== 1 || !last || last.left.requests * 2 > last.calls) return
    if (slot.opening || isTight(slot)) return
    // Whoever comes when nothing is left asks again, and meets the failure.
    open(slot, asker, amounts).catch(() => {})
  }

  const isTight = (slot: Slot) => slot.tightUntil > clock.monotonic()

  return {
    async draw(asker, estimate) {
      const amounts = { ...estimate, requests: 1 }
      const slot = slotOf(asker)
      const drawn = drawFrom(slot, amounts)
      if (drawn) {
        openAhead(slot, asker, amounts)
        return drawn
      }
      if (isTight(slot)) return null
      await open(slot, asker, amounts)
      return drawFrom(slot, amounts)
    },
    async close() {
      await Promise.allSettled([...slots.values()].map(({ opening }) => opening))
      for (const slot of slots.values()) {
        for (const lease of slot.leases) close(slot, lease)
      }
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
