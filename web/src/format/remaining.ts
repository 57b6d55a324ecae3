import { t } from '../texts/translate.ts'
import { formatSeconds } from './numbers.ts'

/**
 * How long the rest will take, from what `seconds` have done; null until something is. An estimate, and
 * worded as one. `share`: done of all, 0 to 1.
 */
export function remainingTime(share: number | null, seconds: number): string | null {
  if (!share || share >= 1 || seconds <= 0) return null
  const rest = (seconds * (1 - share)) / share
  return t('≈ {time} left', { time: formatSeconds(Math.max(1, Math.round(rest))) })
}
