import { formatAgo, formatExactTime } from '../format/times.ts'

/** How long ago, with the exact time where the pointer rests. */
export function Ago({ at, className }: { at: string; className?: string }) {
  return (
    <span title={formatExactTime(at)} className={className}>
      {formatAgo(at)}
    </span>
  )
}
