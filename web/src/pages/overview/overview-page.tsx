import { useOverview } from '../../api/overview.ts'
import { t } from '../../texts/translate.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { FirstSteps } from './first-steps.tsx'
import { HealthStrip } from './health-strip.tsx'
import { LiveRequests } from './live-requests.tsx'
import { MemoryCard } from './memory-card.tsx'
import { SeriesCard } from './series-card.tsx'
import { TodayStats } from './today-stats.tsx'

export default function OverviewPage() {
  const { data, error, refetch } = useOverview()
  return (
    <>
      <PageHeader
        title={t('Overview')}
        description={t('What runs now, and what today has cost.')}
        actions={data && <HealthStrip overview={data} />}
      />
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} className="mb-4" />}
      {data ? (
        <div className="space-y-4">
          <FirstSteps />
          <TodayStats overview={data} />
          <SeriesCard overview={data} />
          <div className="grid gap-4 xl:grid-cols-[1.6fr_1fr]">
            <LiveRequests overview={data} />
            <MemoryCard overview={data} />
          </div>
        </div>
      ) : (
        !error && <OverviewSkeleton />
      )}
    </>
  )
}

function OverviewSkeleton() {
  return (
    <div role="status" aria-label={t('Loading the overview')} className="space-y-4">
      <Skeleton className="h-20 w-full rounded-lg" />
      <Skeleton className="h-44 w-full rounded-lg" />
      <Skeleton className="h-56 w-full rounded-lg" />
    </div>
  )
}
