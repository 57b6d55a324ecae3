import { t } from '../texts/translate.ts'
import { classes } from './classes.ts'

/** A grey bar where a value will be; hidden from screen readers, which hear the busy region. */
export function Skeleton({ className = 'h-4 w-24' }: { className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={classes('block animate-shimmer rounded bg-sunken', className)}
    />
  )
}

export function SkeletonRows({
  rows = 4,
  label = t('Loading'),
}: {
  rows?: number
  label?: string
}) {
  return (
    <div role="status" aria-label={label} className="space-y-3 px-4 py-4">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex gap-4">
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="h-4 w-1/6" />
          <Skeleton className="ml-auto h-4 w-1/5" />
        </div>
      ))}
    </div>
  )
}
