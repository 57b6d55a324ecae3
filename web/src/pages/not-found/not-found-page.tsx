import { Link } from 'wouter'
import { t } from '../../texts/translate.ts'
import { buttonClasses } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'

export function NotFoundPage() {
  return (
    <>
      <PageHeader title={t('No such page')} />
      <EmptyState
        icon="search"
        title={t('Nothing lies at this address')}
        action={
          <Link href="/" className={buttonClasses('primary')}>
            {t('Go to the overview')}
          </Link>
        }
      >
        {t('It may have moved, or your role does not include it.')}
      </EmptyState>
    </>
  )
}
