import { useState } from 'react'
import { type Member, useChangeMember, useMembers, useRemoveMember } from '../../api/access.ts'
import { usePermission } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { actionsColumn, type Column, Table } from '../../ui/table.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'
import { MemberDialog } from './member-dialog.tsx'
import { NewKeyDialog } from './new-key-dialog.tsx'
import { RoleSelect } from './role-select.tsx'

type Open = { dialog: 'remove' | 'key'; member: Member } | { dialog: 'add' } | null

/** People, and their role in this workspace. */
export function Members() {
  const members = useMembers()
  const mayWrite = usePermission('members:write')
  const mayMakeKeys = usePermission('keys:write')
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <Card
      flush
      title={t('Members')}
      actions={
        mayWrite && (
          <Button size="small" icon="plus" onClick={() => setOpen({ dialog: 'add' })}>
            {t('Add a member')}
          </Button>
        )
      }
    >
      <Listing
        query={members}
        loading={t('Loading members')}
        empty={
          <EmptyState
            icon="key"
            title={t('Nobody is a member yet')}
            command='./bastide member add "Ada Lovelace" --role builder'
          >
            {t(
              'Members are people. They sign in with the organisation’s directory, or with a key of their own.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label={t('Members')}
            rows={rows}
            rowKey={(member) => member.id}
            columns={columns({ mayWrite, mayMakeKeys, setOpen })}
          />
        )}
      </Listing>
      {open?.dialog === 'add' && <MemberDialog onClose={close} />}
      {open?.dialog === 'key' && <NewKeyDialog member={open.member} onClose={close} />}
      {open?.dialog === 'remove' && <RemoveMember member={open.member} onClose={close} />}
    </Card>
  )
}

function columns({
  mayWrite,
  mayMakeKeys,
  setOpen,
}: {
  mayWrite: boolean
  mayMakeKeys: boolean
  setOpen: (open: Open) => void
}): Column<Member>[] {
  return [
    {
      key: 'name',
      heading: t('Name'),
      className: 'max-w-48 sm:max-w-72',
      cell: (member) => (
        <>
          <span className="flex items-center gap-2">
            <span className="truncate font-medium">{member.name}</span>
            {member.state === 'suspended' && <Badge tone="bad">{t('suspended')}</Badge>}
          </span>
          {member.email && <span className="block truncate text-ink-3">{member.email}</span>}
        </>
      ),
    },
    {
      key: 'role',
      heading: t('Role'),
      className: 'w-44 min-w-40',
      cell: (member) => <RoleCell member={member} mayWrite={mayWrite} />,
    },
    {
      key: 'since',
      heading: t('Since'),
      from: 'md',
      className: 'text-ink-2',
      cell: ({ created_at }) => <Ago at={created_at} />,
    },
    actionsColumn(
      (member) =>
        mayWrite && <MemberMenu member={member} mayMakeKeys={mayMakeKeys} setOpen={setOpen} />,
    ),
  ]
}

function RoleCell({ member, mayWrite }: { member: Member; mayWrite: boolean }) {
  const change = useChangeMember()
  if (!mayWrite) return <>{t(member.role)}</>
  return (
    <RoleSelect
      label={t('Role of {name}', { name: member.name })}
      hideLabel
      value={change.isPending && change.variables.role ? change.variables.role : member.role}
      disabled={change.isPending}
      onChange={(role) =>
        change.mutate(
          { id: member.id, role },
          {
            onSuccess: () =>
              notify(t('{name} is {role} now.', { name: member.name, role: t(role) })),
            onError: notifyError,
          },
        )
      }
    />
  )
}

function MemberMenu({
  member,
  mayMakeKeys,
  setOpen,
}: {
  member: Member
  mayMakeKeys: boolean
  setOpen: (open: Open) => void
}) {
  const change = useChangeMember()
  const active = member.state === 'active'
  const toggle = () =>
    change.mutate(
      { id: member.id, state: active ? 'suspended' : 'active' },
      {
        onSuccess: () =>
          notify(
            active
              ? t('{name} has no access now.', { name: member.name })
              : t('{name} has access again.', { name: member.name }),
          ),
        onError: notifyError,
      },
    )
  return (
    <Menu
      trigger={
        <IconButton icon="more" size="small" label={t('More for {name}', { name: member.name })} />
      }
    >
      {mayMakeKeys && (
        <MenuItem icon="key" onSelect={() => setOpen({ dialog: 'key', member })}>
          {t('Make a key for them…')}
        </MenuItem>
      )}
      <MenuItem icon={active ? 'stop' : 'check'} onSelect={toggle}>
        {t(active ? 'Suspend' : 'Reinstate')}
      </MenuItem>
      <MenuItem icon="trash" tone="bad" onSelect={() => setOpen({ dialog: 'remove', member })}>
        {t('Remove…')}
      </MenuItem>
    </Menu>
  )
}

function RemoveMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const remove = useRemoveMember()
  return (
    <Confirm
      title={t('Remove {name} from this workspace', { name: member.name })}
      action={t('Remove')}
      icon="trash"
      mutation={remove}
      variables={member.id}
      done={() => t('{name} is no member of this workspace any more.', { name: member.name })}
      onClose={onClose}
    >
      {t(
        'Their keys and sessions stop working, and what they have running here ends. Their entries in the ledger and the audit log stay.',
      )}
    </Confirm>
  )
}
