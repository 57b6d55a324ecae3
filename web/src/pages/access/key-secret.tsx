import type { MadeKey } from '../../api/access.ts'
import { curlOf } from '../../api/curl.ts'
import { t } from '../../texts/translate.ts'
import { CommandLine } from '../../ui/command-line.tsx'
import { SecretDialog } from '../../ui/secret-dialog.tsx'

/** The secret of a new key, with a first call to try it. */
export function KeySecret({ made, onClose }: { made: MadeKey; onClose: () => void }) {
  const curl = curlOf({ method: 'GET', path: '/v1/models' }, location.origin)
  return (
    <SecretDialog
      title={t('The key “{name}”', { name: made.name })}
      description={t('Copy it now: it is not kept, and cannot be shown again.')}
      secret={made.key}
      onClose={onClose}
    >
      <p className="mb-1">{t('Try it:')}</p>
      <CommandLine command={`export BASTIDE_KEY=${made.key}\n${curl}`} />
    </SecretDialog>
  )
}
