import { useState } from 'react'
import { type IdentityProvider, useIdentityProviders, useRemoveProvider } from '../../api/access.ts'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { ProviderDialog } from './provider-dialog.tsx'

export function Providers({ mayWrite }: { mayWrite: boolean }) {
  const providers = useIdentityProviders()
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<IdentityProvider | null>(null)
  return (
    <Card
      flush
      title={t('Identity providers')}
      note="OpenID Connect"
      actions={
        mayWrite && (
          <Button size="small" icon="plus" onClick={() => setAdding(true)}>
            {t('Add a provider')}
          </Button>
        )
      }
    >
      <Listing
        query={providers}
        loading={t('Loading identity providers')}
        empty={
          <EmptyState icon="key" title={t('People sign in with keys only')}>
            {t(
              'With an OpenID Connect provider (Entra, Keycloak, Okta…) they sign in as they do everywhere else in the house, and whoever leaves it has no access here.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <ul className="divide-y border-t">
            {rows.map((provider) => (
              <li key={provider.id} className="flex items-center gap-3 px-4 py-3">
                <div className="min-w-0 flex-1">
                  <p className="flex flex-wrap items-center gap-2">
                    <span className="font-medium">{provider.name}</span>
                    {provider.link_by_email && (
                      <Badge>{t('verified addresses claim members')}</Badge>
                    )}
                  </p>
                  <p className="truncate text-ink-3">
                    {provider.issuer} ·{' '}
                    {provider.groups_claim
                      ? t('groups in “{claim}”', { claim: provider.groups_claim })
                      : t('groups by SCIM only')}
                  </p>
                </div>
                {mayWrite && (
                  <IconButton
                    icon="trash"
                    size="small"
                    label={t('Remove {name}', { name: provider.name })}
                    onClick={() => setRemoving(provider)}
                  />
                )}
              </li>
            ))}
          </ul>
        )}
      </Listing>
      {adding && <ProviderDialog onClose={() => setAdding(false)} />}
      {removing && <RemoveProvider provider={removing} onClose={() => setRemoving(null)} />}
    </Card>
  )
}

function RemoveProvider({
  provider,
  onClose,
}: {
  provider: IdentityProvider
  onClose: () => void
}) {
  const remove = useRemoveProvider()
  return (
    <Confirm
      title={t('Remove {name}', { name: provider.name })}
      action={t('Remove')}
      icon="trash"
      mutation={remove}
      variables={provider.id}
      done={() => t('Nobody signs in with {name} any more.', { name: provider.name })}
      onClose={onClose}
    >
      {t(
        'Sessions that began with it end now. Members and their roles stay; they can still be given keys.',
      )}
    </Confirm>
  )
}
