/**
 * Energy where no meter is read: a named model of the CPU turns a request's CPU seconds into joules.
 * Every figure made here is an estimate and says so. Load times thermal design power is known to be
 * off by half in either direction (CodeCarbon's published comparison with RAPL), hence the band.
 */
import { cpus } from 'node:os'

export interface PowerModel {
  /** Stated with every figure it makes. */
  name: string
  detail: string
  /** Package power of one busy hardware thread. */
  wattsPerThread: number
}

/**
 * CPU families as /proc/cpuinfo names them. Watts per hardware thread: the makers' thermal design
 * power of a typical member divided by its hardware threads; the member is named.
 */
const families: { pattern: RegExp; wattsPerThread: number; member: string }[] = [
  { pattern: /EPYC/i, wattsPerThread: 280 / 128, member: 'AMD EPYC 7763: 280 W, 128 threads' },
  { pattern: /Threadripper/i, wattsPerThread: 350 / 64, member: 'Threadripper 7970X: 350 W, 64' },
  { pattern: /Ryzen/i, wattsPerThread: 170 / 32, member: 'AMD Ryzen 9 7950X: 170 W, 32 threads' },
  { pattern: /Xeon/i, wattsPerThread: 270 / 80, member: 'Intel Xeon Platinum 8380: 270 W, 80' },
  {
    pattern: /Core.*i[3579]/i,
    wattsPerThread: 125 / 20,
    member: 'Intel Core i7-12700K: 125 W, 20',
  },
  {
    pattern: /Neoverse|Ampere|Graviton/i,
    wattsPerThread: 250 / 128,
    member: 'Altra Max: 250 W, 128',
  },
]
const unknownFamily = { wattsPerThread: 4, member: 'no named family; 4 W per thread assumed' }

/** The model of this machine, or the operator's own figure when one is set. */
export function choosePowerModel(
  operatorWattsPerThread: number,
  cpuName: string = cpus()[0]?.model ?? 'unknown',
): PowerModel {
  if (operatorWattsPerThread > 0) {
    return {
      name: 'operator',
      detail: `${operatorWattsPerThread} W per busy hardware thread, set by the operator`,
      wattsPerThread: operatorWattsPerThread,
    }
  }
  const family = families.find((one) => one.pattern.test(cpuName)) ?? unknownFamily
  return {
    name: 'tdp-per-thread-v1',
    detail: `${cpuName}: ${family.wattsPerThread.toFixed(2)} W per busy hardware thread (${family.member}); uncertainty about ±50 %`,
    wattsPerThread: family.wattsPerThread,
  }
}
