import { useState } from 'react'
import { type Destination, useDestinations, useEgressRules } from '../../api/egress.ts'
import { usePermission } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { Button } from '../../ui/button.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { AllowDialog } from './allow-dialog.tsx'
import { Destinations } from './destinations.tsx'
import { Rules } from './rules.tsx'

export default function EgressPage() {
  const rules = useEgressRules()
  const destinations = useDestinations()
  const mayWrite = usePermission('egress:write')
  const [allowing, setAllowing] = useState<Pick<Destination, 'host' | 'port'> | null>(null)
  return (
    <>
      <PageHeader
        title={t('Egress')}
        description={t(
          'Nothing leaves unless it is allowed here, by exact host and port. Every attempt is written down.',
        )}
        actions={
          mayWrite && (
            <Button icon="plus" onClick={() => setAllowing({ host: '', port: 443 })}>
              {t('Allow a destination')}
            </Button>
          )
        }
      />
      <div className="space-y-4">
        <Rules rules={rules} mayWrite={mayWrite} />
        <Destinations
          destinations={destinations}
          rules={rules.data ?? []}
          {...(mayWrite && { onAllow: setAllowing })}
        />
      </div>
      {allowing && <AllowDialog wanted={allowing} onClose={() => setAllowing(null)} />}
    </>
  )
}
