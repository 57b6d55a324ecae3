/** How sure the reader was of a word, in the three steps a person acts on. */
export type Certainty = 'high' | 'middle' | 'low'

/** Below this a word should be looked at: on clean print nearly every misread word lies below. */
export const lowBelow = 0.75
export const middleBelow = 0.9

export function certaintyOf(confidence: number): Certainty {
  if (confidence < lowBelow) return 'low'
  return confidence < middleBelow ? 'middle' : 'high'
}
