import { useEffect, useRef } from 'react'
import { t } from '../../texts/translate.ts'
import type { Turn } from './conversation.ts'
import { TurnView } from './turn-view.tsx'

/** How near the end of the page a reader must be for the page to follow the answer, in pixels. */
const followWithin = 160

export function Turns({ turns }: { turns: readonly Turn[] }) {
  useFollow(turns)
  if (turns.length === 0) {
    return (
      <div className="grid flex-1 place-items-center py-10 text-center text-ink-3">
        <p className="max-w-sm text-pretty">
          {t(
            'Ask a question below. Each answer shows its time, tokens and energy, and leads to its ledger entry and audit record.',
          )}
        </p>
      </div>
    )
  }
  return (
    <div role="log" aria-label={t('Conversation')} className="flex-1 space-y-6">
      {turns.map((turn, index) => (
        <TurnView key={turn.id} turn={turn} last={index === turns.length - 1} />
      ))}
    </div>
  )
}

/** Scrolls along with the answer, unless the reader has scrolled up to read. */
function useFollow(turns: readonly Turn[]) {
  const count = useRef(turns.length)
  const bottom = useRef(true)
  useEffect(() => {
    const onScroll = () => {
      const { scrollHeight, clientHeight } = document.documentElement
      bottom.current = scrollHeight - clientHeight - window.scrollY < followWithin
    }
    window.addEventListener('scroll', onScroll, { passive: true })
    return () => window.removeEventListener('scroll', onScroll)
  }, [])
  useEffect(() => {
    const added = turns.length !== count.current
    count.current = turns.length
    if (added || bottom.current) window.scrollTo(0, document.documentElement.scrollHeight)
  }, [turns])
}
