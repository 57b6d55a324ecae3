import { Link } from 'wouter'
import { buttonClasses } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'

export function NotFoundPage() {
  return (
    <>
      <PageHeader title="No such page" />
      <EmptyState
        icon="search"
        title="Nothing lies at this address"
        action={
          <Link href="/" className={buttonClasses('primary')}>
            Go to the overview
          </Link>
        }
      >
        It may have moved, or your role does not include it.
      </EmptyState>
    </>
  )
}
