/**
 * Splits the process's CPU time over the requests that were active while it was spent, in equal
 * parts per interval between two changes of who is active. The sum over all requests is the CPU
 * time of the process while busy, start-up and model loading included (the first requests cause
 * them); nothing is counted twice.
 */
export interface CpuAccount {
  cpuSeconds: number
}

export class CpuMeter {
  readonly #active = new Set<CpuAccount>()
  readonly #read: () => number
  #last = 0

  /** `read` gives the CPU seconds of the process so far. */
  constructor(read: () => number = processCpuSeconds) {
    this.#read = read
  }

  enter(account: CpuAccount): void {
    if (this.#active.size > 0) this.#settle()
    // What an idle process spends (timers, heartbeats) belongs to nobody; its start-up does.
    else if (this.#last > 0) this.#last = this.#read()
    this.#active.add(account)
  }

  leave(account: CpuAccount): void {
    if (!this.#active.has(account)) return
    this.#settle()
    this.#active.delete(account)
  }

  #settle(): void {
    const now = this.#read()
    const share = (now - this.#last) / this.#active.size
    this.#last = now
    for (const account of this.#active) account.cpuSeconds += share
  }
}

function processCpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
