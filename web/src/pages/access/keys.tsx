import { useState } from 'react'
import { type Key, useKeys, useMembers, useRevokeKey } from '../../api/access.ts'
import { usePermission } from '../../api/session.ts'
import { formatShortTime } from '../../format/times.ts'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { actionsColumn, type Column, Table } from '../../ui/table.tsx'
import { NewKeyDialog } from './new-key-dialog.tsx'
import { RotateDialog } from './rotate-dialog.tsx'

type Open = { dialog: 'rotate' | 'revoke'; key: Key } | { dialog: 'make' } | null

const tones: Record<Key['state'], Tone> = { active: 'ok', expired: 'neutral', revoked: 'bad' }

/** Keys that programs and people call with. */
export function Keys() {
  const keys = useKeys()
  const { data: members } = useMembers()
  const mayWrite = usePermission('keys:write')
  const [shown, setShown] = useState<'active' | 'all'>('active')
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  const memberName = (id: string) => members?.find((member) => member.id === id)?.name ?? id
  return (
    <Card
      flush
      title={t('Keys')}
      actions={
        <>
          <Choice
            label={t('Which keys')}
            value={shown}
            onChange={setShown}
            options={[
              { value: 'active', label: t('In use') },
              { value: 'all', label: t('All') },
            ]}
          />
          {mayWrite && (
            <Button size="small" icon="plus" onClick={() => setOpen({ dialog: 'make' })}>
              {t('Make a key')}
            </Button>
          )}
        </>
      }
    >
      <Listing
        query={keys}
        loading={t('Loading keys')}
        keep={(key) => shown === 'all' || key.state === 'active'}
        empty={
          <EmptyState
            icon="key"
            title={t('No key is in use')}
            command="./bastide key create my-app --role member"
          >
            {t('A key is what a program calls Bastide with.')}
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label={t('Keys')}
            rows={rows}
            rowKey={(key) => key.id}
            columns={columns({ mayWrite, memberName, setOpen })}
          />
        )}
      </Listing>
      {open?.dialog === 'make' && <NewKeyDialog onClose={close} />}
      {open?.dialog === 'rotate' && <RotateDialog old={open.key} onClose={close} />}
      {open?.dialog === 'revoke' && <RevokeKey old={open.key} onClose={close} />}
    </Card>
  )
}

function columns({
  mayWrite,
  memberName,
  setOpen,
}: {
  mayWrite: boolean
  memberName: (id: string) => string
  setOpen: (open: Open) => void
}): Column<Key>[] {
  return [
    {
      key: 'name',
      heading: t('Name'),
      className: 'max-w-44 sm:max-w-72',
      cell: (key) => (
        <>
          <span className="block truncate font-medium">{key.name}</span>
          <span className="block truncate text-ink-3">
            <code className="font-mono">{key.prefix}…</code>
            {key.member && ` ${t('of {name}', { name: memberName(key.member) })}`}
          </span>
        </>
      ),
    },
    { key: 'role', heading: t('Role'), from: 'sm', cell: (key) => t(key.role) },
    {
      key: 'state',
      heading: t('State'),
      cell: (key) => (
        <Badge tone={tones[key.state]}>
          {t(key.state === 'active' && key.rotated_to ? 'handing over' : key.state)}
        </Badge>
      ),
    },
    {
      key: 'expires',
      heading: t('Ends'),
      from: 'md',
      className: 'text-ink-2',
      cell: ({ expires_at }) => (expires_at ? formatShortTime(expires_at) : t('never')),
    },
    {
      key: 'used',
      heading: t('Last used'),
      from: 'lg',
      className: 'text-ink-2',
      cell: ({ last_used_at }) => (last_used_at ? <Ago at={last_used_at} /> : t('never')),
    },
    actionsColumn(
      (key) =>
        mayWrite &&
        key.state === 'active' && (
          <Menu
            trigger={
              <IconButton
                icon="more"
                size="small"
                label={t('More for {name}', { name: key.name })}
              />
            }
          >
            {!key.rotated_to && (
              <MenuItem icon="retry" onSelect={() => setOpen({ dialog: 'rotate', key })}>
                {t('Rotate…')}
              </MenuItem>
            )}
            <MenuItem icon="trash" tone="bad" onSelect={() => setOpen({ dialog: 'revoke', key })}>
              {t('Revoke…')}
            </MenuItem>
          </Menu>
        ),
    ),
  ]
}

function RevokeKey({ old, onClose }: { old: Key; onClose: () => void }) {
  const revoke = useRevokeKey()
  return (
    <Confirm
      title={t('Revoke “{name}”', { name: old.name })}
      action={t('Revoke')}
      icon="trash"
      mutation={revoke}
      variables={old.id}
      done={() => t('The key “{name}” is revoked.', { name: old.name })}
      onClose={onClose}
    >
      {t(
        'Calls and sessions with this key are refused from now on, and those that run end within two seconds. To change a key without an interruption, rotate it.',
      )}
    </Confirm>
  )
}
