import { useEffect } from 'react'
import type { Word } from '../../api/documents.ts'
import { lowBelow } from './confidence.ts'

/** Indexes of the words that should be looked at, in reading order. */
export function doubtfulWords(words: Word[]): number[] {
  return words.flatMap((word, index) => (word.confidence < lowBelow ? [index] : []))
}

/** The doubtful word after (step 1) or before (step -1) the selected one; goes round at the ends. */
export function nextDoubtful(doubtful: number[], selected: number | null, step: 1 | -1): number {
  const from = selected ?? (step === 1 ? -1 : Number.POSITIVE_INFINITY)
  const next =
    step === 1 ? doubtful.find((index) => index > from) : doubtful.findLast((index) => index < from)
  return next ?? (step === 1 ? doubtful[0]! : doubtful.at(-1)!)
}

/** n and p go through the doubtful words, Escape lets go; not while something is being typed. */
export function useWordKeys(
  doubtful: number[],
  selected: number | null,
  onSelect: (index: number | null) => void,
) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest('input, textarea, select, dialog')
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === 'Escape') onSelect(null)
      const step = event.key === 'n' ? 1 : event.key === 'p' ? -1 : null
      if (step === null || doubtful.length === 0) return
      event.preventDefault()
      onSelect(nextDoubtful(doubtful, selected, step))
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [doubtful, selected, onSelect])
}
