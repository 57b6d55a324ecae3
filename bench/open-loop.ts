/**
 * Load on a fixed schedule: requests start when they are due, whatever became of those before, and
 * their latency counts from when they were due. A closed loop would hide every stall.
 */
import { build } from 'hdr-histogram-js'
import { type Agent, request } from 'undici'

export interface Target {
  name: string
  url: string
  headers: Record<string, string>
  body: string
}

/** Milliseconds; `failed` counts answers other than 200 and broken connections. */
export interface Latencies {
  p50: number
  p95: number
  p99: number
  p999: number
  failed: number
}

async function send(target: Target, agent: Agent): Promise<boolean> {
  try {
    const answer = await request(target.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...target.headers },
      body: target.body,
      dispatcher: agent,
    })
    await answer.body.dump()
    return answer.statusCode === 200
  } catch {
    // Counted and reported: a target that refuses under load is a result, not an accident.
    return false
  }
}

export async function openLoop(target: Target, rate: number, seconds: number, agent: Agent) {
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000 })
  let failed = 0
  const sendAt = async (dueAt: number) => {
    if (!(await send(target, agent))) failed += 1
    histogram.recordValue(Math.max(1, Math.round((performance.now() - dueAt) * 1000)))
  }
  const startedAt = performance.now()
  const inFlight: Promise<void>[] = []
  const total = rate * seconds
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate) + 1)
    for (; sent < due; sent++) inFlight.push(sendAt(startedAt + (sent / rate) * 1000))
    await new Promise((resume) => setTimeout(resume, 1))
  }
  await Promise.all(inFlight)
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000
  return { p50: at(50), p95: at(95), p99: at(99), p999: at(99.9), failed } satisfies Latencies
}

/** Requests per second that so many callers get, each sending its next when the last is answered. */
export async function closedLoop(target: Target, callers: number, seconds: number, agent: Agent) {
  let [answered, failed] = [0, 0]
  const until = performance.now() + seconds * 1000
  const caller = async () => {
    while (performance.now() < until) {
      if (await send(target, agent)) answered += 1
      else failed += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return { perSecond: answered / seconds, failed }
}
