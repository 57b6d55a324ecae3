import { type Alias, useAliasHistory, useRollbackAlias } from '../../api/aliases.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { notify } from '../../ui/toast.tsx'
import { shortHash } from './package-path.ts'

export function RollbackDialog({ alias, onClose }: { alias: Alias; onClose: () => void }) {
  const history = useAliasHistory(alias.name)
  const rollback = useRollbackAlias()
  const nameOf = (hash: string) =>
    history.data?.find((move) => move.package === hash)?.package_name ?? shortHash(hash)
  const hasEarlier = (history.data?.length ?? 0) > 1
  return (
    <Dialog
      title={`Roll ${alias.name} back`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            icon="rollback"
            disabled={!hasEarlier}
            busy={rollback.isPending}
            onClick={() =>
              rollback.mutate(
                { name: alias.name },
                {
                  onSuccess: (moved) => {
                    notify(`${alias.name} is answered by ${nameOf(moved.package)} again.`)
                    onClose()
                  },
                },
              )
            }
          >
            Roll back
          </Button>
        </>
      }
    >
      {history.isPending && <Skeleton className="h-5 w-3/4" />}
      {history.error && <ErrorNotice error={history.error} />}
      {history.data && (
        <p className="text-pretty text-ink-2">
          {hasEarlier
            ? `${nameOf(alias.package)} stops answering new calls and the package before it takes over. The move is written to the history and the audit log.`
            : `${nameOf(alias.package)} is the first package of this alias: there is none to go back to.`}
        </p>
      )}
      {rollback.error && <ErrorNotice error={rollback.error} className="mt-3" />}
    </Dialog>
  )
}
