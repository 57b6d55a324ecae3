import { useRoute } from 'wouter'
import { usePermission } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { TabLinks } from '../../ui/tabs.tsx'
import { Entries } from './entries.tsx'
import { Limits } from './limits.tsx'
import { Summary } from './summary.tsx'

export default function UsagePage() {
  const [match, params] = useRoute('/usage/:tab')
  const tab = match ? params.tab : 'summary'
  const mayReadLimits = usePermission('limits:read')
  return (
    <>
      <PageHeader
        title={t('Usage')}
        description={t(
          'Tokens, time, energy and money: every sum can be followed down to single calls.',
        )}
      />
      <TabLinks
        label={t('Usage')}
        current={tab === 'summary' ? '/usage' : `/usage/${tab}`}
        tabs={[
          { to: '/usage', label: t('Summary') },
          { to: '/usage/entries', label: t('Ledger entries') },
          ...(mayReadLimits ? [{ to: '/usage/limits', label: t('Limits') }] : []),
        ]}
      />
      {tab === 'summary' && <Summary />}
      {tab === 'entries' && <Entries />}
      {tab === 'limits' && <Limits />}
    </>
  )
}
