import { type Alias, useAliasHistory, useRollbackAlias } from '../../api/aliases.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { shortHash } from './package-path.ts'

export function RollbackDialog({ alias, onClose }: { alias: Alias; onClose: () => void }) {
  const history = useAliasHistory(alias.name)
  const rollback = useRollbackAlias()
  const nameOf = (hash: string) =>
    history.data?.find((move) => move.package === hash)?.package_name ?? shortHash(hash)
  const hasEarlier = (history.data?.length ?? 0) > 1
  return (
    <Confirm
      title={`Roll ${alias.name} back`}
      action="Roll back"
      icon="rollback"
      look="primary"
      disabled={!hasEarlier}
      mutation={rollback}
      variables={{ name: alias.name }}
      done={(moved) => `${alias.name} is answered by ${nameOf(moved.package)} again.`}
      onClose={onClose}
    >
      {history.isPending && <Skeleton className="h-5 w-3/4" />}
      {history.error && <ErrorNotice error={history.error} />}
      {history.data &&
        (hasEarlier
          ? `${nameOf(alias.package)} stops answering new calls and the package before it takes over. The move is written to the history and the audit log.`
          : `${nameOf(alias.package)} is the first package of this alias: there is none to go back to.`)}
    </Confirm>
  )
}
