import { Link } from 'wouter'
import { type Alias, useAliasHistory } from '../../api/aliases.ts'
import { usePrincipalName } from '../../api/session.ts'
import { formatTime } from '../../format/times.ts'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { packagePath, shortHash } from './package-path.ts'

/** Every move of an alias, newest first. */
export function HistoryDialog({ alias, onClose }: { alias: Alias; onClose: () => void }) {
  const { data: moves, error } = useAliasHistory(alias.name)
  const nameOf = usePrincipalName()
  return (
    <Dialog title={t('History of {name}', { name: alias.name })} placement="side" onClose={onClose}>
      {error && <ErrorNotice error={error} />}
      {!moves && !error && <SkeletonRows label={t('Loading the history')} />}
      <ol className="border-l pl-4">
        {moves?.map((move, index) => (
          <li key={`${move.at} ${move.package}`} className="relative pb-5">
            <span
              aria-hidden="true"
              className={`absolute top-1.5 -left-[1.3rem] size-2.5 rounded-full border-2 border-surface! ${index === 0 ? 'bg-accent' : 'bg-line-strong'}`}
            />
            <p className="flex flex-wrap items-center gap-2">
              <Link
                href={packagePath(move.package)}
                className="rounded font-medium hover:text-accent"
              >
                {move.package_name ?? shortHash(move.package)}
              </Link>
              <Badge tone={move.action === 'rollback' ? 'warn' : 'neutral'}>
                {t(move.action === 'rollback' ? 'rolled back' : 'promoted')}
              </Badge>
              {index === 0 && <Badge tone="accent">{t('now')}</Badge>}
            </p>
            <p className="text-xs text-ink-3">
              {t('{time} by {who}', { time: formatTime(move.at), who: nameOf(move.by) })}
            </p>
            {move.note && <p className="mt-1 text-ink-2">{move.note}</p>}
          </li>
        ))}
      </ol>
    </Dialog>
  )
}
