import type { Document } from '../../api/documents.ts'
import { formatSeconds } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'

const tones: Record<Document['status'], Tone> = {
  queued: 'neutral',
  running: 'accent',
  done: 'ok',
  failed: 'bad',
  cancelled: 'neutral',
}

export function DocumentStatus({ document }: { document: Document }) {
  return <Badge tone={tones[document.status]}>{t(document.status)}</Badge>
}

/** Pages done of all, 0 to 1; null while the number of pages is not known. */
export function shareDone(document: Document): number | null {
  return document.page_count ? document.pages_done / document.page_count : null
}

/**
 * How long the rest will take, from the pages read so far; null until one is. An estimate, and
 * worded as one.
 */
export function remainingTime(document: Document): string | null {
  const { page_count, pages_done, seconds } = document
  if (!page_count || pages_done === 0 || seconds <= 0) return null
  const rest = ((page_count - pages_done) * seconds) / pages_done
  return rest > 0
    ? t('≈ {time} left', { time: formatSeconds(Math.max(1, Math.round(rest))) })
    : null
}
