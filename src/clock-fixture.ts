/** A clock that tests set: the wall clock jumps both ways, durations only go forward. */
import type { Clock } from './clock.ts'

export interface TestClock extends Clock {
  /** Sets the wall clock, as an administrator or a time server would. */
  set(at: string): void
  /** Lets time pass, on both clocks. */
  pass(ms: number): void
}

export function createTestClock(at: string): TestClock {
  let now = Date.parse(at)
  let monotonic = 0
  return {
    now: () => now,
    monotonic: () => monotonic,
    set(other) {
      now = Date.parse(other)
    },
    pass(ms) {
      now += ms
      monotonic += ms
    },
  }
}
