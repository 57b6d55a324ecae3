import { useState } from 'react'
import { Link } from 'wouter'
import { type Alias, useAliases } from '../../api/aliases.ts'
import { usePermission, usePrincipalName } from '../../api/session.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { actionsColumn, type Column, Table } from '../../ui/table.tsx'
import { BringModel } from './bring-model.tsx'
import { HistoryDialog } from './history-dialog.tsx'
import { packagePath, shortHash } from './package-path.ts'
import { PromoteDialog } from './promote-dialog.tsx'
import { RollbackDialog } from './rollback-dialog.tsx'

type Open = { dialog: 'promote' | 'rollback' | 'history'; alias: Alias } | null

/** What programs call, and which package answers. */
export function AliasTable() {
  const aliases = useAliases()
  const mayMove = usePermission('aliases:write')
  const nameOf = usePrincipalName()
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <Card flush>
      <Listing
        query={aliases}
        loading={t('Loading aliases')}
        empty={
          <EmptyState
            icon="models"
            title={t('No alias yet')}
            command="./bastide model alias assistant@production <package hash>"
            action={<BringModel />}
          >
            {t(
              'An alias is a name that programs call and that you move from one package to the next.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <Table
            label={t('Aliases')}
            rows={rows}
            rowKey={(alias) => alias.name}
            columns={columns(mayMove, nameOf, setOpen)}
          />
        )}
      </Listing>
      {open?.dialog === 'promote' && <PromoteDialog alias={open.alias} onClose={close} />}
      {open?.dialog === 'rollback' && <RollbackDialog alias={open.alias} onClose={close} />}
      {open?.dialog === 'history' && <HistoryDialog alias={open.alias} onClose={close} />}
    </Card>
  )
}

function columns(
  mayMove: boolean,
  nameOf: (id: string) => string,
  setOpen: (open: Open) => void,
): Column<Alias>[] {
  return [
    {
      key: 'name',
      heading: t('Alias'),
      className: 'max-w-64',
      cell: (alias) => (
        <>
          <span className="block truncate font-medium">{alias.name}</span>
          <PackageLink alias={alias} className="sm:hidden" />
        </>
      ),
    },
    {
      key: 'package',
      heading: t('Answered by'),
      from: 'sm',
      className: 'max-w-72',
      cell: (alias) => <PackageLink alias={alias} />,
    },
    {
      key: 'updated',
      heading: t('Moved'),
      from: 'md',
      className: 'max-w-56 truncate text-ink-2',
      cell: (alias) => (
        <>
          {rich('{ago} by {who}', {
            ago: <Ago at={alias.updated_at} />,
            who: nameOf(alias.updated_by),
          })}
        </>
      ),
    },
    actionsColumn((alias) => (
      <span className="flex justify-end gap-1">
        {mayMove && (
          <Button size="small" icon="promote" onClick={() => setOpen({ dialog: 'promote', alias })}>
            {t('Promote')}
          </Button>
        )}
        <Menu
          trigger={
            <IconButton
              icon="more"
              size="small"
              label={t('More for {name}', { name: alias.name })}
            />
          }
        >
          <MenuItem icon="history" onSelect={() => setOpen({ dialog: 'history', alias })}>
            {t('History')}
          </MenuItem>
          {mayMove && (
            <MenuItem icon="rollback" onSelect={() => setOpen({ dialog: 'rollback', alias })}>
              {t('Roll back…')}
            </MenuItem>
          )}
        </Menu>
      </span>
    )),
  ]
}

function PackageLink({ alias, className = '' }: { alias: Alias; className?: string }) {
  return (
    <Link
      href={packagePath(alias.package)}
      className={`block truncate rounded text-ink-2 underline decoration-line-strong decoration-dotted underline-offset-3 hover:text-accent ${className}`}
    >
      {alias.package_name ?? shortHash(alias.package)}
    </Link>
  )
}
