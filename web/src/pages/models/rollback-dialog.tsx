import { useState } from 'react'
import { type Alias, useAliasHistory, useRollbackAlias } from '../../api/aliases.ts'
import { t } from '../../texts/translate.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { shortHash } from './package-path.ts'

export function RollbackDialog({ alias, onClose }: { alias: Alias; onClose: () => void }) {
  // As it was when the dialog opened: what somebody else moves meanwhile is not rolled back unseen.
  const [from] = useState(alias.package)
  const history = useAliasHistory(alias.name)
  const rollback = useRollbackAlias()
  const nameOf = (hash: string) =>
    history.data?.find((move) => move.package === hash)?.package_name ?? shortHash(hash)
  const hasEarlier = (history.data?.length ?? 0) > 1
  return (
    <Confirm
      title={t('Roll {alias} back', { alias: alias.name })}
      action={t('Roll back')}
      icon="rollback"
      look="primary"
      disabled={!hasEarlier}
      mutation={rollback}
      variables={{ name: alias.name, from }}
      done={(moved) =>
        t('{alias} is answered by {package} again.', {
          alias: alias.name,
          package: nameOf(moved.package),
        })
      }
      onClose={onClose}
    >
      {history.isPending && <Skeleton className="h-5 w-3/4" />}
      {history.error && <ErrorNotice error={history.error} />}
      {history.data &&
        (hasEarlier
          ? t(
              '{package} stops answering new calls and the package before it takes over. The move is written to the history and the audit log.',
              { package: nameOf(from) },
            )
          : t('{package} is the first package of this alias: there is none to go back to.', {
              package: nameOf(alias.package),
            }))}
    </Confirm>
  )
}
