import { type OpenSession, useEndSession, useOpenSessions } from '../../api/access.ts'
import { usePermission } from '../../api/session.ts'
import { formatAgo, formatExactTime, formatShortTime } from '../../format/times.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'

/** Who is signed in to the console now. */
export function OpenSessions() {
  const { data: sessions, error, refetch } = useOpenSessions()
  const mayEnd = usePermission('members:write')
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />
  return (
    <Card flush>
      {!sessions && <SkeletonRows label="Loading sessions" />}
      {sessions?.length === 0 && (
        <EmptyState icon="key" title="Nobody is signed in">
          Sessions of this workspace’s console stand here while they are open.
        </EmptyState>
      )}
      {sessions && sessions.length > 0 && (
        <Table
          label="Open sessions"
          rows={sessions}
          rowKey={(session) => session.id}
          columns={columns(mayEnd)}
        />
      )}
    </Card>
  )
}

function columns(mayEnd: boolean): Column<OpenSession>[] {
  return [
    {
      key: 'who',
      heading: 'Who',
      className: 'max-w-48 sm:max-w-72',
      cell: (session) => (
        <>
          <span className="block truncate font-medium">
            {session.member_name ?? session.key_name}
          </span>
          <span className="block truncate text-ink-3">
            {session.provider ? `by ${session.provider}` : 'by key'}
          </span>
        </>
      ),
    },
    {
      key: 'since',
      heading: 'Since',
      from: 'sm',
      className: 'text-ink-2',
      cell: ({ created_at }) => (
        <span title={formatExactTime(created_at)}>{formatAgo(created_at)}</span>
      ),
    },
    {
      key: 'until',
      heading: 'Ends',
      className: 'text-ink-2',
      cell: ({ expires_at }) => formatShortTime(expires_at),
    },
    {
      key: 'actions',
      heading: <span className="sr-only">Actions</span>,
      align: 'right',
      cell: (session) => mayEnd && <EndSession session={session} />,
    },
  ]
}

function EndSession({ session }: { session: OpenSession }) {
  const end = useEndSession()
  const who = session.member_name ?? session.key_name
  return (
    <Button
      size="small"
      icon="sign-out"
      busy={end.isPending}
      onClick={() =>
        end.mutate(session.id, {
          onSuccess: () => notify(`The session of ${who} has ended.`),
          onError: notifyError,
        })
      }
    >
      End<span className="sr-only"> the session of {who}</span>
    </Button>
  )
}
