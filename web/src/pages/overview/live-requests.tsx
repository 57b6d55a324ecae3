import { useEffect, useState } from 'react'
import { curlOf } from '../../api/curl.ts'
import type { LiveRequest, Overview } from '../../api/overview.ts'
import { formatCount, formatSeconds } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Badge, Dot } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { type Column, Table } from '../../ui/table.tsx'

/** What is being worked on at this moment, oldest first. */
export function LiveRequests({ overview: { requests } }: { overview: Overview }) {
  const now = useNow(requests.live.length > 0)
  const columns: Column<LiveRequest>[] = [
    {
      key: 'state',
      heading: t('State'),
      cell: (live) => (
        <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
          <Dot tone={live.state === 'running' ? 'accent' : 'neutral'} pulse />
          {t(live.state)}
        </span>
      ),
    },
    {
      key: 'model',
      heading: t('Model'),
      className: 'max-w-48 truncate font-medium',
      cell: (live) => <span title={live.model}>{live.model}</span>,
    },
    { key: 'task', heading: t('Task'), from: 'sm', cell: (live) => <Badge>{live.task}</Badge> },
    {
      key: 'principal',
      heading: t('For'),
      from: 'md',
      className: 'max-w-36 truncate text-ink-2',
      cell: (live) => live.principal,
    },
    {
      key: 'tokens',
      heading: t('Tokens out'),
      align: 'right',
      cell: (live) => formatCount(live.output_tokens),
    },
    {
      key: 'age',
      heading: t('Since'),
      align: 'right',
      className: 'whitespace-nowrap',
      cell: (live) =>
        formatSeconds(Math.max(0, Math.round((now - Date.parse(live.started_at)) / 1000))),
    },
  ]
  return (
    <Card
      flush
      title={t('Live requests')}
      note={t('{running} running · {waiting} waiting', {
        running: requests.active,
        waiting: requests.queued,
      })}
    >
      {requests.live.length === 0 ? (
        <EmptyState
          icon="bolt"
          title={t('Nothing is running')}
          command={curlOf({ method: 'GET', path: '/v1/models' }, location.origin)}
        >
          {t('Requests show here while they wait and run. Any OpenAI or Mistral client works:')}
        </EmptyState>
      ) : (
        <Table
          label={t('Live requests')}
          columns={columns}
          rows={requests.live}
          rowKey={(live) => live.id}
        />
      )}
    </Card>
  )
}

/** The time, once a second while `active`. */
function useNow(active: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!active) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [active])
  return now
}
