import { t } from '../texts/translate.ts'
import { Badge, type Tone } from './badge.tsx'

const tones = {
  queued: 'neutral',
  running: 'accent',
  done: 'ok',
  failed: 'bad',
  cancelled: 'neutral',
} as const satisfies Record<string, Tone>

/** How far work is that the server does by itself. */
export function RunStatus({ status }: { status: keyof typeof tones }) {
  return <Badge tone={tones[status]}>{t(status)}</Badge>
}
