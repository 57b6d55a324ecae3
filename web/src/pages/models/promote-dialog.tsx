import { type FormEvent, useId, useState } from 'react'
import { type Alias, usePromoteAlias } from '../../api/aliases.ts'
import { type ModelPackage, usePackages } from '../../api/packages.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Select, TextField } from '../../ui/field.tsx'
import { notify } from '../../ui/toast.tsx'
import { PackageFacts } from './package-facts.tsx'
import { shortHash } from './package-path.ts'

/** Moves an alias to another package. Packages for other tasks, or refused by policy, are not offered. */
export function PromoteDialog({ alias, onClose }: { alias: Alias; onClose: () => void }) {
  const { data: packages = [] } = usePackages()
  const [chosen, setChosen] = useState('')
  const [note, setNote] = useState('')
  const promote = usePromoteAlias()
  const formId = useId()
  const current = packages.find(({ hash }) => hash === alias.package)
  const choices = packages.filter(
    (item) => item.hash !== alias.package && (!current || item.task === current.task),
  )
  const target = packages.find(({ hash }) => hash === chosen)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!target) return
    promote.mutate(
      { name: alias.name, package: target.hash, note: note.trim() },
      {
        onSuccess: () => {
          notify(`${alias.name} is now answered by ${nameOf(target)}.`)
          onClose()
        },
      },
    )
  }

  return (
    <Dialog
      title={`Promote to ${alias.name}`}
      description={`Answered by ${alias.package_name ?? shortHash(alias.package)} now. Calls that run finish there; new calls go to the package you choose.`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            look="primary"
            icon="promote"
            disabled={!target}
            busy={promote.isPending}
          >
            Promote
          </Button>
        </>
      }
    >
      {choices.length === 0 ? (
        <p className="text-ink-2">
          There is no other package for the task “{current?.task}”. Import one first.
        </p>
      ) : (
        <form id={formId} onSubmit={submit} className="space-y-3">
          <PackageChoice choices={choices} chosen={chosen} onChoose={setChosen} />
          {target && <PackageFacts item={target} />}
          <TextField
            label="Note for the history (optional)"
            placeholder="Why this package"
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          {promote.error && <ErrorNotice error={promote.error} />}
        </form>
      )}
    </Dialog>
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
      label="Package"
      required
      value={chosen}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">Choose a package</option>
      {choices.map((item) => (
        <option key={item.hash} value={item.hash} disabled={!item.policy.allowed}>
          {nameOf(item)} · {shortHash(item.hash)}
          {item.policy.allowed ? '' : ' · refused by policy'}
        </option>
      ))}
    </Select>
  )
}
