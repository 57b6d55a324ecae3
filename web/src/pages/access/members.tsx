import { useState } from 'react'
import { type Member, useChangeMember, useMembers, useRemoveMember } from '../../api/access.ts'
import { usePermission } from '../../api/session.ts'
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
      title="Members"
      actions={
        mayWrite && (
          <Button size="small" icon="plus" onClick={() => setOpen({ dialog: 'add' })}>
            Add a member
          </Button>
        )
      }
    >
      <Listing
        query={members}
        loading="Loading members"
        empty={
          <EmptyState
            icon="key"
            title="Nobody is a member yet"
            command='./bastide member add "Ada Lovelace" --role builder'
          >
            Members are people. They sign in with the organisation’s directory, or with a key of
            their own.
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label="Members"
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
      heading: 'Name',
      className: 'max-w-48 sm:max-w-72',
      cell: (member) => (
        <>
          <span className="flex items-center gap-2">
            <span className="truncate font-medium">{member.name}</span>
            {member.state === 'suspended' && <Badge tone="bad">suspended</Badge>}
          </span>
          {member.email && <span className="block truncate text-ink-3">{member.email}</span>}
        </>
      ),
    },
    {
      key: 'role',
      heading: 'Role',
      className: 'w-36 min-w-32',
      cell: (member) => <RoleCell member={member} mayWrite={mayWrite} />,
    },
    {
      key: 'since',
      heading: 'Since',
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
  if (!mayWrite) return <>{member.role}</>
  return (
    <RoleSelect
      label={`Role of ${member.name}`}
      hideLabel
      value={change.isPending && change.variables.role ? change.variables.role : member.role}
      disabled={change.isPending}
      onChange={(role) =>
        change.mutate(
          { id: member.id, role },
          {
            onSuccess: () => notify(`${member.name} is ${role} now.`),
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
          notify(active ? `${member.name} has no access now.` : `${member.name} has access again.`),
        onError: notifyError,
      },
    )
  return (
    <Menu trigger={<IconButton icon="more" size="small" label={`More for ${member.name}`} />}>
      {mayMakeKeys && (
        <MenuItem icon="key" onSelect={() => setOpen({ dialog: 'key', member })}>
          Make a key for them…
        </MenuItem>
      )}
      <MenuItem icon={active ? 'stop' : 'check'} onSelect={toggle}>
        {active ? 'Suspend' : 'Reinstate'}
      </MenuItem>
      <MenuItem icon="trash" tone="bad" onSelect={() => setOpen({ dialog: 'remove', member })}>
        Remove…
      </MenuItem>
    </Menu>
  )
}

function RemoveMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const remove = useRemoveMember()
  return (
    <Confirm
      title={`Remove ${member.name} from this workspace`}
      action="Remove"
      icon="trash"
      mutation={remove}
      variables={member.id}
      done={() => `${member.name} is no member of this workspace any more.`}
      onClose={onClose}
    >
      Their keys and sessions stop working, and what they have running here ends. Their entries in
      the ledger and the audit log stay.
    </Confirm>
  )
}
