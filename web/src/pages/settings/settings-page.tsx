import { useRoute } from 'wouter'
import { usePermission } from '../../api/session.ts'
import { backupCall } from '../../api/settings.ts'
import { t } from '../../texts/translate.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { TabLinks } from '../../ui/tabs.tsx'
import { Backups } from './backups.tsx'
import { Retention } from './retention.tsx'
import { Webhooks } from './webhooks.tsx'

const backupCalls = [{ ...backupCall, output: 'bastide.backup' }]
const retentionCalls = [
  { method: 'PUT', path: '/v1/retention', body: { kind: 'documents', days: 30 } },
] as const

export default function SettingsPage() {
  const [match, params] = useRoute('/settings/:tab')
  const tab = match ? params.tab : 'retention'
  const mayReadWebhooks = usePermission('webhooks:read')
  const mayBackUp = usePermission('backups:create')
  return (
    <>
      <PageHeader
        title={t('Settings')}
        description={t('What this workspace keeps, whom it tells, and how it is backed up.')}
        calls={tab === 'backups' ? backupCalls : tab === 'retention' ? retentionCalls : []}
      />
      <TabLinks
        label={t('Settings')}
        current={tab === 'retention' ? '/settings' : `/settings/${tab}`}
        tabs={[
          { to: '/settings', label: t('Retention') },
          ...(mayReadWebhooks ? [{ to: '/settings/webhooks', label: t('Webhooks') }] : []),
          ...(mayBackUp ? [{ to: '/settings/backups', label: t('Backups') }] : []),
        ]}
      />
      {tab === 'retention' && <Retention />}
      {tab === 'webhooks' && mayReadWebhooks && <Webhooks />}
      {tab === 'backups' && mayBackUp && <Backups />}
    </>
  )
}
