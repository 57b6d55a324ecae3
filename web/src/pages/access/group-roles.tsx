import { type FormEvent, useState } from 'react'
import {
  type GroupRole,
  type Role,
  useGroupRoles,
  useSetGroupRole,
  useWorkspaces,
} from '../../api/access.ts'
import { useSession } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { CopyCurl } from '../../ui/copy-curl.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Select, TextField } from '../../ui/field.tsx'
import { Listing } from '../../ui/listing.tsx'
import { actionsColumn, type Column, Table } from '../../ui/table.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'
import { RoleSelect } from './role-select.tsx'

/** Groups of the directory, and the role each gives in a workspace. */
export function GroupRoles({ mayWrite }: { mayWrite: boolean }) {
  const given = useGroupRoles()
  const { data: workspaces } = useWorkspaces()
  const nameOf = (id: string) => workspaces?.find((one) => one.id === id)?.name ?? id
  return (
    <Card
      flush
      title={t('Roles by group')}
      note={t('Of several, the first in the list of roles counts')}
    >
      <Listing
        query={given}
        loading={t('Loading roles by group')}
        empty={
          <EmptyState icon="key" title={t('No group has a role yet')}>
            {t(
              'Give a group of your directory a role: its members then come in with it, and lose it with the group.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label={t('Roles by group')}
            rows={rows}
            rowKey={({ group, workspace }) => `${group} ${workspace}`}
            columns={columns(mayWrite, nameOf)}
          />
        )}
      </Listing>
      {mayWrite && <GiveRole workspaces={workspaces ?? []} />}
    </Card>
  )
}

function columns(mayWrite: boolean, nameOf: (id: string) => string): Column<GroupRole>[] {
  return [
    {
      key: 'group',
      heading: t('Group'),
      className: 'max-w-40 truncate font-medium sm:max-w-72',
      cell: ({ group }) => group,
    },
    {
      key: 'workspace',
      heading: t('Workspace'),
      className: 'max-w-32 truncate text-ink-2',
      cell: ({ workspace }) => nameOf(workspace),
    },
    { key: 'role', heading: t('Role'), cell: ({ role }) => t(role) },
    actionsColumn((row) => mayWrite && <TakeRole given={row} />),
  ]
}

function TakeRole({ given }: { given: GroupRole }) {
  const set = useSetGroupRole()
  return (
    <IconButton
      icon="trash"
      size="small"
      label={t('Take the role from {group}', { group: given.group })}
      disabled={set.isPending}
      onClick={() =>
        set.mutate(
          { group: given.group, workspace: given.workspace, role: null },
          {
            onSuccess: ({ members_changed: changed }) =>
              notify(
                t(
                  '{group} has no role there now; {count, plural, one {# member} other {# members}} changed.',
                  { group: given.group, count: changed },
                ),
              ),
            onError: notifyError,
          },
        )
      }
    />
  )
}

function GiveRole({ workspaces }: { workspaces: { id: string; name: string }[] }) {
  const { data: session } = useSession()
  const [group, setGroup] = useState('')
  const [role, setRole] = useState<Role>('member')
  const [workspace, setWorkspace] = useState(session?.workspace.id ?? '')
  const set = useSetGroupRole()
  const wish = { group: group.trim(), role, workspace }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    set.mutate(wish, {
      onSuccess: ({ members_changed: changed }) => {
        notify(
          t('{group} is {role} now; {count, plural, one {# member} other {# members}} changed.', {
            group: wish.group,
            role: t(role),
            count: changed,
          }),
        )
        setGroup('')
      },
    })
  }

  return (
    <form onSubmit={submit} className="space-y-2 border-t bg-canvas px-4 py-3">
      <div className="grid items-end gap-2 sm:grid-cols-[1fr_10rem_9rem_auto]">
        <TextField
          label={t('Group, as the directory calls it')}
          required
          maxLength={200}
          value={group}
          onChange={(event) => setGroup(event.target.value)}
        />
        <Select
          label={t('Workspace')}
          value={workspace}
          onChange={(event) => setWorkspace(event.target.value)}
        >
          {workspaces.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        <RoleSelect value={role} onChange={setRole} />
        <Button type="submit" busy={set.isPending}>
          {t('Give the role')}
        </Button>
      </div>
      <CopyCurl call={set.callOf(wish)} />
      {set.error && <ErrorNotice error={set.error} />}
    </form>
  )
}
