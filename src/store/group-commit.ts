/**
 * Group commit: items that arrive while one write is under way go together into the next. Each
 * caller's promise settles when its own item is durable, so nothing is acknowledged early, and the
 * cost of a commit is shared by whoever came meanwhile.
 */
import { AppError } from '../errors.ts'

export interface GroupCommit<Item, Answer> {
  add(item: Item): Promise<Answer>
  /** Adds what nobody waits for: it is written with the next item that cannot wait, or after `lingerMs`. */
  addLater(item: Item): Promise<Answer>
  /** Resolves once everything added so far is written, at once, or has failed. */
  drain(): Promise<void>
}

interface Waiting<Item, Answer> {
  item: Item
  resolve(answer: Answer): void
  reject(error: unknown): void
}

export interface GroupCommitOptions {
  /** Items of one write at most. */
  sizeMax: number
  /**
   * Bound of the pause between two writes. When several items came together twice running, the pause is
   * as long as the last write took: the store is busy with these writes half the time at most, and what
   * comes meanwhile goes into the next one. While items come one by one, or in a single burst, nobody waits.
   */
  pauseMsMax: number
  /** How long items that can wait gather. */
  lingerMs?: number
}

/** So many items in each of two writes mean that pausing before the next one saves writes. */
const crowdSize = 4

/** `write` gets 1..sizeMax items and returns one answer per item, in order. */
export function createGroupCommit<Item, Answer>(
  write: (items: Item[]) => Promise<Answer[]>,
  { sizeMax, pauseMsMax, lingerMs = 0 }: GroupCommitOptions,
): GroupCommit<Item, Answer> {
  let resumeAt = Number.NEGATIVE_INFINITY
  let waiting: Waiting<Item, Answer>[] = []
  let writing = false
  let wasCrowded = false
  let last: Promise<unknown> | null = null
  /** Something of what waits cannot wait. */
  let urgent = false
  let endLinger: (() => void) | null = null

  /** Returns when something urgent comes, or enough for a whole write. */
  async function linger(): Promise<void> {
    if (urgent || lingerMs === 0) return
    await new Promise<void>((resume) => {
      const timer = setTimeout(resume, lingerMs)
      endLinger = () => {
        clearTimeout(timer)
        resume()
      }
    })
    endLinger = null
  }

  function hurry(): void {
    urgent = true
    endLinger?.()
  }

  async function writeAll(): Promise<void> {
    writing = true
    while (waiting.length > 0) {
      await linger()
      const pauseMs = resumeAt - performance.now()
      // What is added in the same turn is written together; who waits longer waits for nothing at first.
      await (pauseMs > 1 ? new Promise((resume) => setTimeout(resume, pauseMs)) : null)
      const startedAt = performance.now()
      const group = waiting.slice(0, sizeMax)
      waiting = waiting.slice(sizeMax)
      // What is left over of a crowd has waited.
      urgent = waiting.length > 0
      await writeGroup(group)
      const endedAt = performance.now()
      const crowded = group.length >= crowdSize
      const pausesNow = crowded && wasCrowded
      resumeAt = pausesNow ? endedAt + Math.min(pauseMsMax, endedAt - startedAt) : endedAt
      wasCrowded = crowded
    }
    writing = false
  }

  async function writeGroup(group: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await write(group.map((one) => one.item))
      group.forEach((one, index) => {
        one.resolve(answers[index]!)
      })
    } catch (error) {
      // A database that is away fails them all; one bad item must not fail its neighbours.
      if (group.length === 1 || (error instanceof AppError && error.mayRetry)) {
        for (const one of group) one.reject(error)
        return
      }
      for (const one of group) await writeGroup([one])
    }
  }

  function addLater(item: Item): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!writing) void writeAll()
    })
    last = answer
    if (waiting.length >= sizeMax) hurry()
    return answer
  }

  return {
    addLater,
    add(item) {
      hurry()
      return addLater(item)
    },
    async drain() {
      if (waiting.length > 0) hurry()
      // Written in their order: with the last one of now all before it are.
      await last?.catch(() => {})
    },
  }
}
