import { useEffect, useId, useRef, useState } from 'react'
import { t } from '../../texts/translate.ts'
import { classes } from '../../ui/classes.ts'
import { Icon } from '../../ui/icon.tsx'

/** What the reader of documents takes; the server decides by content, not by name. */
const accepted = '.pdf,.png,.jpg,.jpeg,.tif,.tiff,.webp,.gif,.avif,application/pdf,image/*'

/** A place to drop files, and a button to choose them. The whole window takes drops. */
export function DropZone({ onFiles }: { onFiles: (files: Iterable<File>) => void }) {
  const id = useId()
  const over = useDropOnWindow(onFiles)
  return (
    <div
      className={classes(
        'rounded-lg border border-dashed transition-colors focus-within:outline-2 focus-within:outline-accent',
        over ? 'border-accent! bg-accent-soft' : 'border-line-strong! bg-surface',
      )}
    >
      <label
        htmlFor={id}
        className="flex cursor-pointer items-center justify-center gap-3 px-4 py-6 text-center"
      >
        <Icon name="upload" className={classes('size-5!', over ? 'text-accent' : 'text-ink-3')} />
        <span>
          <span className="font-medium text-accent underline decoration-dotted underline-offset-3">
            {t('Choose files')}
          </span>{' '}
          <span className="text-ink-2 max-sm:hidden">
            {t('or drop them anywhere on this page')}
          </span>
          <span className="block text-xs text-ink-3">PDF, PNG, JPEG, TIFF, WebP</span>
        </span>
      </label>
      <input
        id={id}
        type="file"
        multiple
        accept={accepted}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          // Choosing the same file twice must count twice.
          event.target.value = ''
        }}
        className="sr-only"
      />
    </div>
  )
}

function useDropOnWindow(onFiles: (files: Iterable<File>) => void): boolean {
  const [over, setOver] = useState(false)
  const handler = useRef(onFiles)
  handler.current = onFiles
  useEffect(() => {
    // Each element under the pointer enters before the last one leaves.
    let depth = 0
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return
      depth += 1
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return
      depth -= 1
      if (depth <= 0) setOver(false)
    }
    const allow = (event: DragEvent) => hasFiles(event) && event.preventDefault()
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      depth = 0
      setOver(false)
      handler.current([...(event.dataTransfer?.files ?? [])])
    }
    const stop = new AbortController()
    const options = { signal: stop.signal }
    window.addEventListener('dragenter', enter, options)
    window.addEventListener('dragleave', leave, options)
    window.addEventListener('dragover', allow, options)
    window.addEventListener('drop', drop, options)
    return () => stop.abort()
  }, [])
  return over
}
