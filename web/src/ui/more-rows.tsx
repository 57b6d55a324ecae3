import type { ReactNode } from 'react'
import { Button } from './button.tsx'

/** Asks for the part of a list that follows, as long as there is one. */
export function MoreRows({
  query,
  children,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
  children: ReactNode
}) {
  if (!query.hasNextPage) return null
  return (
    <div className="border-t p-2 text-center">
      <Button
        look="quiet"
        busy={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
      >
        {children}
      </Button>
    </div>
  )
}
