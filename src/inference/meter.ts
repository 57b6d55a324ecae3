/** What one call has used, gathered from the engine's events. */
import type { Clock } from '../clock.ts'
import type { EngineEvent, EngineUsage, FinishReason } from '../engines/contract.ts'

export interface Meter {
  observe(event: EngineEvent): void
  outputTokensSoFar(): number
  /** Usage as the engine stated it, or what was seen when it ended early. */
  reading(): MeterReading
}

export interface MeterReading {
  usage: EngineUsage
  runSeconds: number
  firstTokenSeconds: number | null
  finishReason: FinishReason | null
}

export interface MeterOptions {
  /** Whether the engine computes here. */
  cpuKnown: boolean
  /** Whether the first token is seen when it comes, and not with the last. */
  firstSeen: boolean
}

export function createMeter(clock: Clock, { cpuKnown, firstSeen }: MeterOptions): Meter {
  const startedAt = clock.monotonic()
  let firstOutputAt: number | null = null
  let deltas = 0
  let pages = 0
  let end: Extract<EngineEvent, { type: 'end' }> | null = null

  return {
    observe(event) {
      if (event.type === 'end') end = event
      else if (firstSeen && event.type !== 'page-start') firstOutputAt ??= clock.monotonic()
      if (event.type === 'text-delta') deltas += 1
      if (event.type === 'page') pages += 1
    },
    outputTokensSoFar: () => end?.usage.outputTokens ?? deltas,
    reading() {
      const now = clock.monotonic()
      const runSeconds = (now - startedAt) / 1000
      // An interrupted call has no statement from the engine: its wall time on one thread stands in.
      const interrupted: EngineUsage = {
        inputTokens: 0,
        outputTokens: deltas,
        cachedTokens: 0,
        pages,
        cpuSeconds: cpuKnown ? runSeconds : null,
        queueSeconds: 0,
        loadSeconds: 0,
      }
      return {
        usage: end?.usage ?? interrupted,
        runSeconds,
        firstTokenSeconds: firstOutputAt === null ? null : (firstOutputAt - startedAt) / 1000,
        finishReason: end?.finishReason ?? null,
      }
    },
  }
}
