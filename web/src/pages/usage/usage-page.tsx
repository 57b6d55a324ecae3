import { useRoute } from 'wouter'
import { usePermission } from '../../api/session.ts'
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
        title="Usage"
        description="Tokens, time, energy and money: every sum can be followed down to single calls."
      />
      <TabLinks
        label="Usage"
        current={tab === 'summary' ? '/usage' : `/usage/${tab}`}
        tabs={[
          { to: '/usage', label: 'Summary' },
          { to: '/usage/entries', label: 'Ledger entries' },
          ...(mayReadLimits ? [{ to: '/usage/limits', label: 'Limits' }] : []),
        ]}
      />
      {tab === 'summary' && <Summary />}
      {tab === 'entries' && <Entries />}
      {tab === 'limits' && <Limits />}
    </>
  )
}
