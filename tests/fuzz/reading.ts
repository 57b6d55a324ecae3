/** Reads documents in a process of the engine, as hostile ones are, and a good one after each bad end. */
import assert from 'node:assert/strict'
import { createReadEngine } from '../../src/engines/read/engine.ts'
import { AppError } from '../../src/errors.ts'
import { outcomeOf } from './target.ts'

const limits = { bytes: 2 ** 20, pixels: 1e6, pages: 10, pageSeconds: 10 }
const model = { hash: '0'.repeat(64), name: 'read', files: {}, settings: {} }

export function createReading(good: () => Promise<Buffer>) {
  const engine = createReadEngine({ processes: 1, limits })

  async function read(bytes: Buffer): Promise<string> {
    const { signal } = new AbortController()
    const sources = new Set<string>()
    const request = { task: 'read', bytes, mimeType: '' } as const
    for await (const event of engine.run(model, request, { signal })) {
      if (event.type === 'page') sources.add(event.page.source)
    }
    return `taken: ${[...sources].sort().join(', ')}`
  }

  async function take(bytes: Buffer): Promise<string> {
    try {
      return await read(bytes)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'engine_crashed' || /given up/.test(error.message)) {
        // Its process ended or was ended: another one takes its place.
        assert.match(await read(await good()), /^taken/)
      } else assert.ok(['unreadable_file', 'too_large'].includes(error.code), error.stack)
      return outcomeOf(error.message)
    }
  }
  return { take, close: () => engine.close() }
}

/** The longest an input may take: ten pages that are given up one after the other end at the first. */
export const readingPatienceMs = 60_000
