import { useState } from 'react'
import { usePermission } from '../../api/session.ts'
import {
  type Delivery,
  useDeliveries,
  useRemoveWebhook,
  useTestWebhook,
  useWebhooks,
  type Webhook,
} from '../../api/settings.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Ago } from '../../ui/ago.tsx'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'
import { WebhookDialog } from './webhook-dialog.tsx'

/** Programs that are told when work is finished. */
export function Webhooks() {
  const webhooks = useWebhooks()
  const mayWrite = usePermission('webhooks:write')
  const [adding, setAdding] = useState(false)
  return (
    <Card
      flush
      title={t('Webhooks')}
      actions={
        mayWrite && (
          <Button size="small" icon="plus" onClick={() => setAdding(true)}>
            {t('Add a webhook')}
          </Button>
        )
      }
    >
      <Listing
        query={webhooks}
        loading={t('Loading webhooks')}
        empty={
          <EmptyState icon="send" title={t('Nobody is told')}>
            {t(
              'A webhook tells a program of yours when a batch or a document is finished, so that it need not ask. Its address needs an egress rule as well.',
            )}
          </EmptyState>
        }
      >
        {(rows) => (
          <ul className="divide-y border-t">
            {rows.map((webhook) => (
              <WebhookRow key={webhook.id} webhook={webhook} mayWrite={mayWrite} />
            ))}
          </ul>
        )}
      </Listing>
      {adding && <WebhookDialog onClose={() => setAdding(false)} />}
    </Card>
  )
}

function WebhookRow({ webhook, mayWrite }: { webhook: Webhook; mayWrite: boolean }) {
  const [removing, setRemoving] = useState(false)
  const test = useTestWebhook()
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <code className="block truncate font-mono">{webhook.url}</code>
          <p className="text-xs text-ink-3">{webhook.events.join(', ')}</p>
        </div>
        {mayWrite && (
          <>
            <Button
              size="small"
              busy={test.isPending}
              onClick={() =>
                test.mutate(webhook.id, {
                  onSuccess: () => notify(t('A test event is on its way.')),
                  onError: notifyError,
                })
              }
            >
              {t('Send a test')}
            </Button>
            <Button size="small" look="danger" onClick={() => setRemoving(true)}>
              {t('Remove')}
            </Button>
          </>
        )}
      </div>
      <Deliveries id={webhook.id} />
      {removing && <RemoveWebhook webhook={webhook} onClose={() => setRemoving(false)} />}
    </li>
  )
}

const tones: Record<Delivery['status'], Tone> = { pending: 'warn', delivered: 'ok', failed: 'bad' }
const shown = 5

function Deliveries({ id }: { id: string }) {
  const { data: deliveries } = useDeliveries(id)
  if (!deliveries || deliveries.length === 0) return null
  return (
    <ul aria-label={t('Latest deliveries')} className="mt-2 space-y-1 text-xs text-ink-2">
      {deliveries.slice(0, shown).map((delivery) => (
        <li key={delivery.id} className="flex flex-wrap items-center gap-x-2">
          <Badge tone={tones[delivery.status]}>{t(delivery.status)}</Badge>
          <span>{delivery.event}</span>
          <Ago at={delivery.created_at} className="text-ink-3" />
          {delivery.attempts > 1 && (
            <span>{t('{count} attempts', { count: delivery.attempts })}</span>
          )}
          {delivery.last_error && <span className="text-bad-ink">{delivery.last_error}</span>}
        </li>
      ))}
    </ul>
  )
}

function RemoveWebhook({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const remove = useRemoveWebhook()
  return (
    <Confirm
      title={t('Remove the webhook')}
      action={t('Remove')}
      icon="trash"
      mutation={remove}
      variables={webhook.id}
      done={() => t('The webhook is removed.')}
      onClose={onClose}
    >
      {rich('<code>{url}</code> is told nothing more. What has not reached it yet is given up.', {
        url: <span className="break-all">{webhook.url}</span>,
      })}
    </Confirm>
  )
}
