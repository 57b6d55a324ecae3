import { type ReactNode, useEffect, useId, useState } from 'react'
import { t } from '../texts/translate.ts'
import { IconButton } from './button.tsx'
import { classes } from './classes.ts'
import { LayerContext } from './layer.ts'

const placements = {
  middle:
    'm-auto w-[min(34rem,calc(100vw-1.5rem))] max-h-[min(44rem,calc(100dvh-2rem))] rounded-xl',
  side: 'm-0 ml-auto h-dvh max-h-none w-[min(30rem,100vw)] border-y-0 border-r-0',
  bottom: 'm-0 mt-auto w-full max-w-none max-h-[85dvh] rounded-t-xl border-x-0 border-b-0',
} as const

/**
 * A modal. The browser's own `<dialog>`: it holds the focus, closes on Escape and gives the focus
 * back, and unlike script-made scroll locks it injects no style that the policy would refuse.
 */
export function Dialog({
  title,
  description,
  onClose,
  children,
  footer,
  placement = 'middle',
}: {
  title: string
  description?: ReactNode
  onClose: () => void
  children: ReactNode
  footer?: ReactNode
  placement?: keyof typeof placements
}) {
  const [element, setElement] = useState<HTMLDialogElement | null>(null)
  const titleId = useId()
  useEffect(() => {
    if (element && !element.open) element.showModal()
  }, [element])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; the click is the backdrop's
    <dialog
      ref={setElement}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => event.target === element && element.close()}
      className={classes(
        'overflow-hidden border bg-surface p-0 text-ink shadow-float',
        placements[placement],
      )}
    >
      <LayerContext value={element}>
        <div className="flex max-h-[inherit] min-h-0 flex-col [[open].h-dvh_&]:h-dvh">
          <header className="flex items-start gap-3 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1">
              <h2 id={titleId} className="text-base font-semibold">
                {title}
              </h2>
              {description && <div className="mt-0.5 text-ink-2">{description}</div>}
            </div>
            <IconButton
              icon="close"
              label={t('Close')}
              size="small"
              onClick={() => element?.close()}
            />
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
          {footer && (
            <footer className="flex flex-wrap justify-end gap-2 border-t bg-canvas px-5 py-3">
              {footer}
            </footer>
          )}
        </div>
      </LayerContext>
    </dialog>
  )
}
