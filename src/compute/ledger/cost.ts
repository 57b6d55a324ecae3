/** From seconds and tokens to joules, grams and euros. */
import type { PowerModel } from '../power/model.ts'

/** What a package's manifest may ask per use, in euros; the electricity comes on top. */
export interface Price {
  inputEurosPerMillionTokens?: number | undefined
  outputEurosPerMillionTokens?: number | undefined
  eurosPerThousandPages?: number | undefined
}

export interface Rates {
  powerModel: PowerModel
  eurosPerKwh: number
  gramsCo2ePerKwh: number
}

export interface Used {
  inputTokens: number
  outputTokens: number
  pages: number
  /** Null when the work was done on a machine whose energy is not known here. */
  cpuSeconds: number | null
}

export interface Cost {
  joules: number | null
  joulesSource: 'measured' | 'attributed' | 'estimated' | null
  gramsCo2e: number | null
  euros: number
}

const joulesPerKwh = 3_600_000

export function costOf(used: Used, price: Price, rates: Rates): Cost {
  const listed =
    ((price.inputEurosPerMillionTokens ?? 0) * used.inputTokens) / 1e6 +
    ((price.outputEurosPerMillionTokens ?? 0) * used.outputTokens) / 1e6 +
    ((price.eurosPerThousandPages ?? 0) * used.pages) / 1e3
  if (used.cpuSeconds === null) {
    return { joules: null, joulesSource: null, gramsCo2e: null, euros: listed }
  }
  const joules = used.cpuSeconds * rates.powerModel.wattsPerThread
  const kwh = joules / joulesPerKwh
  return {
    joules,
    joulesSource: 'estimated',
    gramsCo2e: kwh * rates.gramsCo2ePerKwh,
    euros: listed + kwh * rates.eurosPerKwh,
  }
}
