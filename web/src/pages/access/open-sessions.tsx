import { type OpenSession, useEndSession, useOpenSessions } from '../../api/access.ts'
import { usePermission } from '../../api/session.ts'
import { formatShortTime } from '../../format/times.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { actionsColumn, type Column, Table } from '../../ui/table.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'

/** Who is signed in to the console now. */
export function OpenSessions() {
  const sessions = useOpenSessions()
  const mayEnd = usePermission('members:write')
  return (
    <Card flush>
      <Listing
        query={sessions}
        loading={t('Loading sessions')}
        empty={
          <EmptyState icon="key" title={t('Nobody is signed in')}>
            {t('Sessions of this workspace’s console stand here while they are open.')}
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label={t('Open sessions')}
            rows={rows}
            rowKey={(session) => session.id}
            columns={columns(mayEnd)}
          />
        )}
      </Listing>
    </Card>
  )
}

function columns(mayEnd: boolean): Column<OpenSession>[] {
  return [
    {
      key: 'who',
      heading: t('Who'),
      className: 'max-w-48 sm:max-w-72',
      cell: (session) => (
        <>
          <span className="flex items-center gap-2">
            <span className="truncate font-medium">{session.member_name ?? session.key_name}</span>
            {session.current && <Badge tone="accent">{t('this one')}</Badge>}
          </span>
          <span className="block truncate text-ink-3">
            {session.provider ? t('by {who}', { who: session.provider }) : t('by key')}
          </span>
        </>
      ),
    },
    {
      key: 'since',
      heading: t('Since'),
      from: 'sm',
      className: 'text-ink-2',
      cell: ({ created_at }) => <Ago at={created_at} />,
    },
    {
      key: 'until',
      heading: t('Ends'),
      className: 'text-ink-2',
      cell: ({ expires_at }) => formatShortTime(expires_at),
    },
    actionsColumn((session) => mayEnd && <EndSession session={session} />),
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
          onSuccess: () => notify(t('The session of {who} has ended.', { who })),
          onError: notifyError,
        })
      }
    >
      {rich('End<hidden> the session of {who}</hidden>', { who })}
    </Button>
  )
}
