/**
 * Who may use a model next. Each model has a number of places; calls beyond that wait. Interactive
 * calls go before batch calls, workspaces take turns by what they have used (virtual time), and a
 * queue that is full refuses with a time to come back instead of collapsing.
 */
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'

export type Priority = 'interactive' | 'batch'

export interface Place {
  queuedMs: number
  release(): void
}

export interface PlaceRequest {
  /** The model whose place is wanted. */
  resource: string
  /** Calls the model serves at once. */
  capacity: number
  workspaceId: string
  priority: Priority
  signal: AbortSignal
}

export interface Scheduler {
  /** Resolves when the call may run; throws `overloaded` when the queue is full. */
  enter(request: PlaceRequest): Promise<Place>
  counts(): { active: number; queued: number }
}

interface Waiting {
  workspaceId: string
  grant(): void
}

interface Resource {
  active: number
  activeBatch: number
  queues: Record<Priority, Waiting[]>
  /** Virtual time each workspace has used; the lowest goes next. */
  usedBy: Map<string, number>
  virtualNow: number
  grantsSinceBatch: number
  /** Moving average of how long a call holds a place. */
  holdMs: number
}

/** One batch call is let in after this many interactive ones, so that batches never starve. */
const batchTurnEvery = 16

export function createScheduler(clock: Clock, queueLengthMax: number): Scheduler {
  const resources = new Map<string, Resource>()

  function resourceOf(name: string): Resource {
    let resource = resources.get(name)
    if (!resource) {
      resource = {
        active: 0,
        activeBatch: 0,
        queues: { interactive: [], batch: [] },
        usedBy: new Map(),
        virtualNow: 0,
        grantsSinceBatch: 0,
        holdMs: 1_000,
      }
      resources.set(name, resource)
    }
    return resource
  }

  function take(resource: Resource, request: PlaceRequest, enteredAt: number): Place {
    const startedAt = clock.monotonic()
    const batch = request.priority === 'batch'
    resource.active += 1
    if (batch) resource.activeBatch += 1
    resource.grantsSinceBatch = batch ? 0 : resource.grantsSinceBatch + 1
    const used = Math.max(resource.usedBy.get(request.workspaceId) ?? 0, resource.virtualNow)
    resource.virtualNow = used
    resource.usedBy.set(request.workspaceId, used + 1)
    let released = false
    return {
      queuedMs: startedAt - enteredAt,
      release() {
        if (released) return
        released = true
        resource.active -= 1
        if (batch) resource.activeBatch -= 1
        resource.holdMs = 0.9 * resource.holdMs + 0.1 * (clock.monotonic() - startedAt)
        admit(request.resource, resource, request.capacity)
      },
    }
  }

  function admit(name: string, resource: Resource, capacity: number): void {
    while (resource.active < capacity) {
      const priority = nextPriority(resource, capacity)
      if (!priority) break
      takeFairest(resource, priority).grant()
    }
    const idle = resource.active === 0 && queueLength(resource) === 0
    // An idle model's books are dropped, so that the map does not grow with every model ever used.
    if (idle) resources.delete(name)
  }

  return {
    async enter(request) {
      request.signal.throwIfAborted()
      const resource = resourceOf(request.resource)
      const enteredAt = clock.monotonic()
      const free = resource.active < placesFor(request.priority, request.capacity, resource)
      // Whoever waits at this priority was first; batches that wait for more room hold up nobody.
      const first =
        resource.queues[request.priority].length === 0 &&
        (request.priority === 'interactive' || queueLength(resource) === 0)
      if (free && first) return take(resource, request, enteredAt)
      if (queueLength(resource) >= queueLengthMax) throw overloaded(resource, request.capacity)
      return new Promise<Place>((resolve, reject) => {
        const queue = resource.queues[request.priority]
        const onAbort = () => {
          queue.splice(queue.indexOf(waiting), 1)
          reject(request.signal.reason)
        }
        const waiting: Waiting = {
          workspaceId: request.workspaceId,
          grant() {
            request.signal.removeEventListener('abort', onAbort)
            resolve(take(resource, request, enteredAt))
          },
        }
        request.signal.addEventListener('abort', onAbort, { once: true })
        queue.push(waiting)
      })
    },
    counts() {
      let [active, queued] = [0, 0]
      for (const resource of resources.values()) {
        active += resource.active
        queued += queueLength(resource)
      }
      return { active, queued }
    },
  }
}

function queueLength(resource: Resource): number {
  return resource.queues.interactive.length + resource.queues.batch.length
}

/** Batches leave one place free for a person, where there is more than one. */
function placesFor(priority: Priority, capacity: number, resource: Resource): number {
  if (priority === 'interactive' || capacity === 1) return capacity
  return resource.activeBatch < capacity - 1 ? capacity : 0
}

function nextPriority(resource: Resource, capacity: number): Priority | null {
  const { interactive, batch } = resource.queues
  const batchMayRun = batch.length > 0 && resource.active < placesFor('batch', capacity, resource)
  if (interactive.length === 0) return batchMayRun ? 'batch' : null
  return batchMayRun && resource.grantsSinceBatch >= batchTurnEvery ? 'batch' : 'interactive'
}

/** Removes and returns the first waiting call of the workspace that has used least. */
function takeFairest(resource: Resource, priority: Priority): Waiting {
  const queue = resource.queues[priority]
  let best = 0
  let bestUsed = Number.POSITIVE_INFINITY
  queue.forEach((waiting, index) => {
    const used = resource.usedBy.get(waiting.workspaceId) ?? 0
    if (used < bestUsed) {
      best = index
      bestUsed = used
    }
  })
  return queue.splice(best, 1)[0]!
}

function overloaded(resource: Resource, capacity: number): AppError {
  const seconds = Math.ceil((queueLength(resource) * resource.holdMs) / capacity / 1000)
  const retryAfterSeconds = Math.min(300, Math.max(1, seconds))
  return new AppError(
    'overloaded',
    `The model has ${queueLength(resource)} calls waiting, which is its limit. Try again in about ${retryAfterSeconds} s, or use the batch API.`,
    { retryAfterSeconds },
  )
}
