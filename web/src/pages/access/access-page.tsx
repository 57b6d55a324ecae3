import { useRoute } from 'wouter'
import { usePermission } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { TabLinks } from '../../ui/tabs.tsx'
import { Keys } from './keys.tsx'
import { Members } from './members.tsx'
import { OpenSessions } from './open-sessions.tsx'
import { SignInSettings } from './sign-in-settings.tsx'

export default function AccessPage() {
  const [match, params] = useRoute('/access/:tab')
  const tab = match ? params.tab : 'members'
  const mayReadKeys = usePermission('keys:read')
  const mayReadIdentity = usePermission('identity:read')
  return (
    <>
      <PageHeader
        title={t('Access')}
        description={t(
          'Who may do what here. A change reaches running calls and open sessions within two seconds.',
        )}
      />
      <TabLinks
        label={t('Access')}
        current={tab === 'members' ? '/access' : `/access/${tab}`}
        tabs={[
          { to: '/access', label: t('Members') },
          ...(mayReadKeys ? [{ to: '/access/keys', label: t('Keys') }] : []),
          { to: '/access/sessions', label: t('Sessions') },
          ...(mayReadIdentity ? [{ to: '/access/sign-in', label: t('Sign-in and groups') }] : []),
        ]}
      />
      {tab === 'members' && <Members />}
      {tab === 'keys' && mayReadKeys && <Keys />}
      {tab === 'sessions' && <OpenSessions />}
      {tab === 'sign-in' && mayReadIdentity && <SignInSettings />}
    </>
  )
}
