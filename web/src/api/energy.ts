/** Where a joule figure comes from. `mixed`: a sum over figures of more than one source. */
export type EnergySource = 'measured' | 'attributed' | 'estimated' | 'mixed'

/** What one call or a sum of calls cost. */
export interface Cost {
  joules: number
  joules_source: EnergySource | null
  grams_co2e: number
  euros: number
}
