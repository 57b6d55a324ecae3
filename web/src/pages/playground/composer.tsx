import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { t } from '../../texts/translate.ts'
import { IconButton } from '../../ui/button.tsx'
import { ask, stop } from './conversation.ts'

/** Where the next question is written. Enter sends, Shift-Enter starts a line, Escape stops. */
export function Composer({ busy, blocked }: { busy: boolean; blocked: string | null }) {
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const ready = text.trim() !== '' && !busy && blocked === null

  useEffect(() => {
    // A keyboard that pops up by itself hides half of a phone's screen.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true })
  }, [])

  const send = () => {
    if (!ready) return
    ask(text.trim())
    setText('')
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      send()
    } else if (event.key === 'Escape' && busy) stop()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      className="rounded-xl border border-line-strong! bg-surface shadow-float focus-within:border-accent!"
    >
      <div className="flex items-end gap-2 p-2">
        <textarea
          ref={field}
          aria-label={t('Message')}
          placeholder={t('Ask something')}
          rows={1}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          className="field-sizing-content max-h-60 min-h-9 min-w-0 flex-1 resize-none bg-transparent px-2 py-1.5 text-base outline-none placeholder:text-ink-3"
        />
        {busy ? (
          <IconButton look="secondary" icon="stop" label={t('Stop (Escape)')} onClick={stop} />
        ) : (
          <IconButton
            type="submit"
            look="primary"
            icon="send"
            label={t('Send')}
            disabled={!ready}
          />
        )}
      </div>
      {blocked && (
        <p role="status" className="border-t px-4 py-1.5 text-xs text-bad-ink">
          {blocked}
        </p>
      )}
    </form>
  )
}
