import { useState } from 'react'
import { useLocation } from 'wouter'
import { usePromoteAlias } from '../../api/aliases.ts'
import { download } from '../../api/download.ts'
import {
  bundleOf,
  type ModelPackage,
  useRemovePackage,
  useSignPackage,
  useUnloadPackage,
} from '../../api/packages.ts'
import { usePermission } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'
import type { Transfer } from '../../ui/transfer.tsx'
import { packagesPath } from './package-path.ts'

/** What can be done with a package: sign it, name it, take it along, free its memory, remove it. */
export function PackageActions({ item, transfer }: { item: ModelPackage; transfer: Transfer }) {
  const mayName = usePermission('aliases:write')
  const mayWrite = usePermission('models:write')
  const [open, setOpen] = useState<'alias' | 'remove' | null>(null)
  const sign = useSignPackage()
  const unload = useUnloadPackage()
  const close = () => setOpen(null)
  const exportBundle = () =>
    transfer.start((onProgress, signal) =>
      download(bundleOf(item.hash), `${item.name}-${item.version}.tar`, onProgress, signal),
    )
  return (
    <>
      {mayName && !item.signature?.own && (
        <Button
          icon="check"
          busy={sign.isPending}
          onClick={() =>
            sign.mutate(item.hash, {
              onSuccess: () => notify(t('{name} is signed with the key of this house.', item)),
              onError: notifyError,
            })
          }
        >
          {t('Sign')}
        </Button>
      )}
      {mayName && (
        <Button icon="promote" onClick={() => setOpen('alias')}>
          {t('Give it an alias')}
        </Button>
      )}
      {mayWrite && (
        <Menu
          trigger={<IconButton icon="more" look="secondary" label={t('More for {name}', item)} />}
        >
          <MenuItem icon="download" onSelect={() => void exportBundle()}>
            {t('Export as a bundle')}
          </MenuItem>
          <MenuItem
            icon="stop"
            onSelect={() =>
              unload.mutate(item.hash, {
                onSuccess: () =>
                  notify(t('{name} is out of memory; the next call loads it.', item)),
                onError: notifyError,
              })
            }
          >
            {t('Unload')}
          </MenuItem>
          <MenuItem icon="trash" tone="bad" onSelect={() => setOpen('remove')}>
            {t('Remove…')}
          </MenuItem>
        </Menu>
      )}
      {open === 'alias' && <AliasDialog item={item} onClose={close} />}
      {open === 'remove' && <RemovePackage item={item} onClose={close} />}
    </>
  )
}

function AliasDialog({ item, onClose }: { item: ModelPackage; onClose: () => void }) {
  const [name, setName] = useState('')
  const [note, setNote] = useState('')
  const promote = usePromoteAlias()
  const move = { name: name.trim(), package: item.hash, note: note.trim() }
  const submit = () =>
    promote.mutate(move, {
      onSuccess: () => {
        notify(t('{alias} is now answered by {package}.', { alias: move.name, package: item.name }))
        onClose()
      },
    })
  return (
    <FormDialog
      title={t('Give it an alias')}
      description={t('The name programs call it by. An alias that exists moves to this model.')}
      action={t('Promote')}
      icon="promote"
      busy={promote.isPending}
      error={promote.error}
      call={promote.callOf(move)}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={t('Alias')}
        required
        maxLength={150}
        placeholder="assistant@production"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t('Note for the history (optional)')}
        placeholder={t('Why this package')}
        maxLength={500}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </FormDialog>
  )
}

function RemovePackage({ item, onClose }: { item: ModelPackage; onClose: () => void }) {
  const remove = useRemovePackage()
  const [, navigate] = useLocation()
  return (
    <Confirm
      title={t('Remove {name} for good', item)}
      action={t('Remove')}
      icon="trash"
      mutation={remove}
      variables={item.hash}
      done={() => {
        navigate(packagesPath)
        return t('{name} is removed.', item)
      }}
      onClose={onClose}
    >
      {item.aliases.length > 0
        ? t('Aliases still point at it: {aliases}. Move them to another package first.', {
            aliases: item.aliases.join(', '),
          })
        : t(
            'Its files are deleted where no other package needs them. The history and the audit log keep its name.',
          )}
    </Confirm>
  )
}
