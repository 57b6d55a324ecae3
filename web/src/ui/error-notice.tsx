import { ApiError } from '../api/client.ts'
import { rich } from '../texts/rich.tsx'
import { t } from '../texts/translate.ts'
import { Button } from './button.tsx'
import { classes } from './classes.ts'
import { CopyButton } from './copy-button.tsx'
import { Icon } from './icon.tsx'

/** A failure in words, with the code and request id that the log and the audit know it by. */
export function ErrorNotice({
  error,
  onRetry,
  className,
}: {
  error: unknown
  onRetry?: () => void
  className?: string
}) {
  const failure = error instanceof ApiError ? error : null
  const message = error instanceof Error ? error.message : t('Something failed without saying why.')
  return (
    <div
      role="alert"
      className={classes('flex gap-2.5 rounded-md bg-bad-soft px-3 py-2.5 text-sm', className)}
    >
      <Icon name="alert" className="mt-0.5 text-bad-ink" />
      <div className="min-w-0 flex-1">
        <p className="text-ink">{message}</p>
        {failure && (
          <p className="mt-1 flex flex-wrap items-center gap-x-2 text-xs text-ink-2">
            <code className="font-mono">{failure.code}</code>
            {failure.param && <span>{t('in {field}', { field: failure.param })}</span>}
            {failure.requestId && (
              <span className="inline-flex items-center gap-1">
                {rich('request {id}', {
                  id: <code className="font-mono break-all">{failure.requestId}</code>,
                })}
                <CopyButton text={failure.requestId} label={t('Copy request id')} />
              </span>
            )}
          </p>
        )}
      </div>
      {onRetry && (
        <Button size="small" icon="retry" onClick={onRetry}>
          {t('Try again')}
        </Button>
      )}
    </div>
  )
}
