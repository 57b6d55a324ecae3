import type { ReactNode } from 'react'
import { ErrorNotice } from './error-notice.tsx'
import { SkeletonRows } from './skeleton.tsx'

/**
 * What the server was asked for as a list: on the way, refused, empty, or the rows. What was read
 * before a failure stays in sight under it.
 */
export function Listing<Row>({
  query: { data, error, refetch },
  loading,
  skeletonRows,
  keep,
  empty,
  children,
}: {
  query: { data: Row[] | undefined; error: unknown; refetch: () => unknown }
  /** What a screen reader says while there is nothing to show. */
  loading: string
  skeletonRows?: number
  /** Which of the rows are shown; all of them without it. */
  keep?: (row: Row) => boolean
  empty: ReactNode
  children: (rows: Row[]) => ReactNode
}) {
  const rows = keep ? data?.filter(keep) : data
  return (
    <>
      {error ? <ErrorNotice error={error} onRetry={() => void refetch()} className="m-3" /> : null}
      {!rows && !error && <SkeletonRows rows={skeletonRows} label={loading} />}
      {rows?.length === 0 && empty}
      {rows && rows.length > 0 && children(rows)}
    </>
  )
}
