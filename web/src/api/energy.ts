/** Where a joule figure comes from. `mixed`: a sum over figures of more than one source. */
export type EnergySource = 'measured' | 'attributed' | 'estimated' | 'mixed'

/**
 * What one call or a sum of calls cost. Joules and grams are null where nothing can be said about
 * them, as for a model that runs on somebody else's machine.
 */
export interface Cost {
  joules: number | null
  joules_source: EnergySource | null
  grams_co2e: number | null
  euros: number
}
