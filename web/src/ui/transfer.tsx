import { useState } from 'react'
import { formatShare } from '../format/numbers.ts'
import { t } from '../texts/translate.ts'
import { Button } from './button.tsx'
import { ErrorNotice } from './error-notice.tsx'
import { ProgressBar } from './meter.tsx'

/** Something on its way between this browser and the server. */
export interface Transfer {
  busy: boolean
  /** 0 to 1. */
  share: number
  error: unknown
  start: (work: Work) => Promise<void>
  stop: () => void
}

type Work = (onProgress: (share: number) => void, signal: AbortSignal) => Promise<void>

const resting = { stop: null as AbortController | null, share: 0, error: null as unknown }

export function useTransfer(): Transfer {
  const [state, setState] = useState(resting)
  const start = async (work: Work) => {
    const stop = new AbortController()
    setState({ ...resting, stop })
    try {
      await work((share) => setState((now) => ({ ...now, share })), stop.signal)
      setState(resting)
    } catch (error) {
      setState({ ...resting, error: stop.signal.aborted ? null : error })
    }
  }
  const { stop, share, error } = state
  return { busy: stop !== null, share, error, start, stop: () => stop?.abort() }
}

/** How far it has come, and a way to stop it; or why it failed. Nothing while it rests. */
export function TransferBar({ transfer, label }: { transfer: Transfer; label: string }) {
  if (transfer.error) return <ErrorNotice error={transfer.error} />
  if (!transfer.busy) return null
  return (
    <div className="flex items-center gap-3">
      <ProgressBar label={label} share={transfer.share} />
      <span className="tabular text-xs whitespace-nowrap text-ink-2">
        {label} {formatShare(transfer.share)}
      </span>
      <Button look="quiet" size="small" icon="close" onClick={transfer.stop}>
        {t('Cancel')}
      </Button>
    </div>
  )
}
