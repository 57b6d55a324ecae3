import { apiWord } from '../texts/api-word.ts'
import { Badge, Dot } from './badge.tsx'

/** How something ended. What went well stays quiet, so that the rest is seen in a long list. */
export function Outcome({ outcome }: { outcome: string }) {
  if (outcome === 'ok') {
    return (
      <span className="inline-flex items-center gap-1.5 text-xs text-ink-3">
        <Dot tone="ok" />
        {apiWord('ok')}
      </span>
    )
  }
  return <Badge tone={outcome === 'failed' ? 'bad' : 'warn'}>{apiWord(outcome)}</Badge>
}
