import { useState } from 'react'
import { type Alias, usePromoteAlias } from '../../api/aliases.ts'
import { type ModelPackage, usePackages } from '../../api/packages.ts'
import { t } from '../../texts/translate.ts'
import { Select, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { notify } from '../../ui/toast.tsx'
import { PackageFacts } from './package-facts.tsx'
import { shortHash } from './package-path.ts'

/** Moves an alias to another package. Packages for other tasks, or refused by policy, are not offered. */
export function PromoteDialog({ alias, onClose }: { alias: Alias; onClose: () => void }) {
  const { data: packages = [] } = usePackages()
  const [chosen, setChosen] = useState('')
  const [note, setNote] = useState('')
  // As it was when the dialog opened: what somebody else moves meanwhile is not undone unseen.
  const [from] = useState(alias.package)
  const promote = usePromoteAlias()
  const current = packages.find(({ hash }) => hash === alias.package)
  const choices = packages.filter(
    (item) => item.hash !== alias.package && (!current || item.task === current.task),
  )
  const target = packages.find(({ hash }) => hash === chosen)

  const move = { name: alias.name, package: chosen, note: note.trim(), from }

  const submit = () => {
    if (!target) return
    promote.mutate(move, {
      onSuccess: () => {
        notify(
          t('{alias} is now answered by {package}.', {
            alias: alias.name,
            package: nameOf(target),
          }),
        )
        onClose()
      },
    })
  }

  return (
    <FormDialog
      title={t('Promote to {alias}', { alias: alias.name })}
      description={t(
        'Answered by {package} now. Calls that run finish there; new calls go to the package you choose.',
        { package: alias.package_name ?? shortHash(alias.package) },
      )}
      action={t('Promote')}
      icon="promote"
      busy={promote.isPending}
      disabled={!target}
      error={promote.error}
      call={promote.callOf(move)}
      onSubmit={submit}
      onClose={onClose}
    >
      {choices.length === 0 ? (
        <p className="text-ink-2">
          {t('There is no other package for the task “{task}”. Import one first.', {
            task: current?.task ?? '',
          })}
        </p>
      ) : (
        <>
          <PackageChoice choices={choices} chosen={chosen} onChoose={setChosen} />
          {target && <PackageFacts item={target} />}
          <TextField
            label={t('Note for the history (optional)')}
            placeholder={t('Why this package')}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </>
      )}
    </FormDialog>
  )
}

const nameOf = (item: ModelPackage) => `${item.name} ${item.version}`

function PackageChoice({
  choices,
  chosen,
  onChoose,
}: {
  choices: ModelPackage[]
  chosen: string
  onChoose: (hash: string) => void
}) {
  return (
    <Select
      label={t('Package')}
      required
      value={chosen}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">{t('Choose a package')}</option>
      {choices.map((item) => (
        <option key={item.hash} value={item.hash} disabled={!item.policy.allowed}>
          {nameOf(item)} · {shortHash(item.hash)}
          {item.policy.allowed ? '' : ` · ${t('refused by policy')}`}
        </option>
      ))}
    </Select>
  )
}
