import { useEffect, useRef } from 'react'
import { pageImagePath } from '../../api/documents.ts'
import { t } from '../../texts/translate.ts'
import { IconButton } from '../../ui/button.tsx'
import { classes } from '../../ui/classes.ts'

/** Which page is shown: small pictures to choose from, and steps to either side. */
export function Pager({
  id,
  count,
  index,
  onChange,
}: {
  id: string
  count: number
  index: number
  onChange: (index: number) => void
}) {
  const current = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    current.current?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [index])
  if (count < 2) return null
  return (
    <nav aria-label={t('Pages of the document')} className="mb-3 flex items-center gap-2">
      <IconButton
        look="secondary"
        icon="chevron-left"
        label={t('Previous page')}
        disabled={index === 0}
        onClick={() => onChange(index - 1)}
      />
      <div className="flex min-w-0 flex-1 gap-2 overflow-x-auto p-1">
        {Array.from({ length: count }, (_, page) => (
          <button
            key={page}
            ref={page === index ? current : null}
            type="button"
            aria-label={t('Page {page}', { page: page + 1 })}
            aria-current={page === index ? 'page' : undefined}
            onClick={() => onChange(page)}
            className={classes(
              'relative h-16 w-12 shrink-0 overflow-hidden rounded border bg-sunken',
              page === index ? 'border-accent! ring-1 ring-accent' : 'hover:border-line-strong!',
            )}
          >
            <img
              src={pageImagePath(id, page)}
              alt=""
              loading="lazy"
              decoding="async"
              className="size-full object-cover object-top"
            />
            <span className="tabular absolute right-0 bottom-0 rounded-tl bg-surface px-1 text-2xs leading-4">
              {page + 1}
            </span>
          </button>
        ))}
      </div>
      <IconButton
        look="secondary"
        icon="chevron-right"
        label={t('Next page')}
        disabled={index >= count - 1}
        onClick={() => onChange(index + 1)}
      />
    </nav>
  )
}
