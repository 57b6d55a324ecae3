import { Toast as Radix } from 'radix-ui'
import { useSyncExternalStore } from 'react'
import { ApiError } from '../api/client.ts'
import { t } from '../texts/translate.ts'
import { IconButton } from './button.tsx'
import { Icon } from './icon.tsx'

interface Message {
  id: number
  tone: 'ok' | 'bad'
  text: string
  detail?: string
}

let messages: readonly Message[] = []
let lastId = 0
const listeners = new Set<() => void>()

function change(next: readonly Message[]) {
  messages = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Says in a corner that something was done. */
export function notify(text: string) {
  lastId += 1
  change([...messages.slice(-3), { id: lastId, tone: 'ok', text }])
}

/** Says in a corner that something failed, with its code and request id. */
export function notifyError(error: unknown) {
  lastId += 1
  const text = error instanceof Error ? error.message : t('Something failed without saying why.')
  const detail =
    error instanceof ApiError
      ? [error.code, error.requestId && t('request {id}', { id: error.requestId })]
          .filter(Boolean)
          .join(' · ')
      : ''
  change([...messages.slice(-3), { id: lastId, tone: 'bad', text, detail }])
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => messages)
  return (
    <Radix.Provider label={t('Notification')} duration={6_000} swipeDirection="right">
      {shown.map((message) => (
        <Radix.Root
          key={message.id}
          type={message.tone === 'bad' ? 'foreground' : 'background'}
          duration={message.tone === 'bad' ? 12_000 : 5_000}
          onOpenChange={(open) => !open && change(messages.filter(({ id }) => id !== message.id))}
          className="flex animate-rise items-start gap-2.5 rounded-lg border bg-surface py-2.5 pr-2 pl-3 shadow-float"
        >
          <Icon
            name={message.tone === 'ok' ? 'check' : 'alert'}
            className={message.tone === 'ok' ? 'mt-0.5 text-ok-ink' : 'mt-0.5 text-bad-ink'}
          />
          <div className="min-w-0 flex-1">
            <Radix.Title className="text-sm">{message.text}</Radix.Title>
            {message.detail && (
              <Radix.Description className="font-mono text-2xs break-all text-ink-3">
                {message.detail}
              </Radix.Description>
            )}
          </div>
          <Radix.Close asChild>
            <IconButton icon="close" label={t('Dismiss')} size="small" />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport
        label={t('Notifications ({key})', { key: '{hotkey}' })}
        className="fixed right-4 bottom-20 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 lg:bottom-4"
      />
    </Radix.Provider>
  )
}
