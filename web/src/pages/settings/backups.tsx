import { useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import { download } from '../../api/download.ts'
import { backupCall, useBackups } from '../../api/settings.ts'
import { formatBytes } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { CommandLine } from '../../ui/command-line.tsx'
import { Listing } from '../../ui/listing.tsx'
import { TransferBar, useTransfer } from '../../ui/transfer.tsx'

/** How to make a backup, how to put one back, and when the last ones were made. */
export function Backups() {
  const backups = useBackups()
  const client = useQueryClient()
  const transfer = useTransfer()
  const make = () =>
    transfer.start(async (onProgress, signal) => {
      const name = `bastide-${new Date().toISOString().slice(0, 10)}.backup`
      await download(backupCall, name, onProgress, signal)
      await client.invalidateQueries({ queryKey: ['audit'] })
    })
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Card
        title={t('Make and restore')}
        note={t('On the server, while it runs')}
        actions={
          <Button
            size="small"
            look="primary"
            icon="download"
            disabled={transfer.busy}
            onClick={() => void make()}
          >
            {t('Make a backup now')}
          </Button>
        }
      >
        <div className="mb-3 empty:hidden">
          <TransferBar transfer={transfer} label={t('Backing up')} />
        </div>
        <p className="mb-1 text-ink-2">{t('The whole installation as one encrypted file:')}</p>
        <CommandLine command="./bastide backup bastide.backup" />
        <p className="mt-4 mb-1 text-ink-2">
          {t('Into an empty folder, or with DATABASE_URL into an empty PostgreSQL database:')}
        </p>
        <CommandLine command="./bastide restore bastide.backup --data DIR --master-key master.key" />
        <p className="mt-4 text-xs text-pretty text-ink-3">
          {t(
            'A backup opens only with the installation’s master key. Keep that apart from the data and from the backups: without it, nothing can be restored.',
          )}
        </p>
      </Card>
      <Card flush title={t('Made so far')} note={t('From the audit log')}>
        <Listing
          query={backups}
          loading={t('Loading backups')}
          empty={
            <p className="border-t px-4 py-6 text-center text-ink-2">
              {t('No backup has been made yet. Make one before you rely on this installation.')}
            </p>
          }
        >
          {(rows) => (
            <ul className="divide-y border-t">
              {rows.map((backup) => (
                <li key={backup.seq} className="flex flex-wrap items-center gap-x-3 px-4 py-2.5">
                  <Ago at={backup.at} />
                  {typeof backup.details.estimated_bytes === 'number' && (
                    <span className="tabular text-ink-2">
                      ≈ {formatBytes(backup.details.estimated_bytes)}
                    </span>
                  )}
                  <span className="text-ink-3">
                    {t('by {who}', { who: backup.actor.name ?? backup.actor.id })}
                  </span>
                  <Link
                    href={`/audit?seq=${backup.seq}`}
                    className="ml-auto rounded text-xs text-ink-2 underline underline-offset-3 hover:text-accent"
                  >
                    {t('record {seq}', { seq: backup.seq })}
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Listing>
      </Card>
    </div>
  )
}
