/** Why an answer ends before its end: its caller left, or may no longer have it. */
import type { HttpBindings } from '@hono/node-server'
import { AppError } from '../errors.ts'

type Outgoing = HttpBindings['outgoing']

/** What a stream needs to say why it ends; then the connection is cut, whatever the reader reads. */
const lastWordsMs = 300

export interface Leaving {
  /** Aborted when the answer must end early. Made only when asked for: most answers are short. */
  readonly signal: AbortSignal
  /** The reason why the caller may no longer have the answer; null while they may. */
  readonly refusal: AppError | null
  refuse(reason: AppError): void
}

export function watchLeaving(outgoing: Outgoing): Leaving {
  let controller: AbortController | undefined
  let refusal: AppError | null = null

  function leave(): void {
    if (!outgoing.writableFinished) controller?.abort(new AppError('cancelled', 'The caller left.'))
  }

  return {
    get signal() {
      if (controller) return controller.signal
      controller = new AbortController()
      if (refusal) controller.abort(refusal)
      else if (outgoing.closed) leave()
      else outgoing.once('close', leave)
      return controller.signal
    },
    get refusal() {
      return refusal
    },
    refuse(reason) {
      refusal = reason
      controller?.abort(reason)
      if (!outgoing.headersSent) return
      setTimeout(() => {
        if (!outgoing.writableFinished) outgoing.destroy()
      }, lastWordsMs).unref()
    },
  }
}
