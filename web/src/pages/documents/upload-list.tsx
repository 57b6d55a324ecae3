import { formatBytes } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { ProgressBar } from '../../ui/meter.tsx'
import type { Uploads } from './uploads.ts'

export function UploadList({ uploads: { list, retry, dismiss } }: { uploads: Uploads }) {
  if (list.length === 0) return null
  return (
    <Card flush title={t('On the way')}>
      <ul className="divide-y border-t">
        {list.map((upload) => (
          <li key={upload.id} className="px-4 py-2.5">
            <div className="flex items-center gap-3">
              <span className="min-w-0 flex-1 truncate font-medium">{upload.file.name}</span>
              <span className="tabular text-xs whitespace-nowrap text-ink-3">
                {formatBytes(upload.file.size)}
              </span>
              {upload.error !== null && (
                <Button size="small" icon="retry" onClick={() => retry(upload)}>
                  {t('Again')}
                </Button>
              )}
              <IconButton
                size="small"
                icon="close"
                label={
                  upload.error
                    ? t('Dismiss')
                    : t('Stop the upload of {name}', { name: upload.file.name })
                }
                onClick={() => dismiss(upload)}
              />
            </div>
            {upload.error === null ? (
              <div className="mt-1.5">
                <ProgressBar
                  label={t('Upload of {name}', { name: upload.file.name })}
                  share={upload.share}
                />
              </div>
            ) : (
              <ErrorNotice error={upload.error} className="mt-2" />
            )}
          </li>
        ))}
      </ul>
    </Card>
  )
}
