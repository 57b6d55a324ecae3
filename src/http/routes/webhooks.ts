/** Webhooks: being told when a batch or a document is finished, instead of asking. */

import { z } from 'zod'
import type { Database } from '../../store/database.ts'
import type { Jobs } from '../../store/jobs.ts'
import type { Keyring } from '../../store/keyring.ts'
import {
  addWebhook,
  type Delivery,
  deliveryKind,
  getWebhook,
  listDeliveries,
  listWebhooks,
  queueDelivery,
  removeWebhook,
  type Webhook,
  webhookEvents,
} from '../../store/webhooks.ts'
import type { Change } from '../change.ts'
import { byId, ids, listBody, pageQuery, wholeList, wishOf } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { idParams, listAnswer } from '../shapes.ts'

export interface WebhookRouteParts {
  db: Database
  keyring: Keyring
  jobs: Jobs
  change: Change
}

function webhookBody({ id, url, events, created_at }: Webhook) {
  return { object: 'webhook', id, url, events, created_at }
}

function deliveryBody(delivery: Delivery) {
  return {
    object: 'webhook_delivery',
    id: delivery.id,
    event: delivery.event,
    status: delivery.status,
    attempts: delivery.attempts,
    last_error: delivery.last_error,
    created_at: delivery.created_at,
    ended_at: delivery.ended_at,
  }
}

export function webhookRoutes({ db, keyring, jobs, change }: WebhookRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/webhooks',
      guard: 'webhooks:read',
      summary: 'List the webhooks of the workspace',
      tag: 'Webhooks',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) =>
        listBody(await listWebhooks(db, scope, wishOf(query, ids('whk'))), webhookBody, byId),
    }),
    route({
      method: 'POST',
      path: '/v1/webhooks',
      guard: 'webhooks:write',
      summary: 'Be told of finished work; the signing secret is in this answer only',
      tag: 'Webhooks',
      status: 201,
      body: z.strictObject({
        url: z.string().max(2000),
        events: z.array(z.enum(webhookEvents)).min(1).max(webhookEvents.length),
      }),
      handler: (incoming) =>
        change(incoming, 'webhook.add', async (transaction) => {
          const made = await addWebhook(transaction, keyring, incoming.scope, incoming.body)
          const { id, events } = made.webhook
          const result = { ...webhookBody(made.webhook), secret: made.secret }
          return { result, subject: { kind: 'webhook', id }, details: { events } }
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/webhooks/{id}',
      guard: 'webhooks:write',
      summary: 'Remove a webhook; what is not delivered yet is given up',
      tag: 'Webhooks',
      params: idParams,
      handler: async (incoming) => {
        await change(incoming, 'webhook.remove', async (transaction) => {
          const { id } = await removeWebhook(
            transaction,
            keyring,
            incoming.scope,
            incoming.params.id,
          )
          return { result: null, subject: { kind: 'webhook', id } }
        })
        return null
      },
    }),
    route({
      method: 'POST',
      path: '/v1/webhooks/{id}/test',
      guard: 'webhooks:write',
      summary: 'Send a test event to a webhook',
      tag: 'Webhooks',
      status: 202,
      params: idParams,
      handler: async (incoming) => {
        const delivery = await change(incoming, 'webhook.test', async (transaction) => {
          const { id } = await getWebhook(transaction, incoming.scope, incoming.params.id)
          const result = await queueDelivery(transaction, jobs, {
            webhookId: id,
            workspaceId: incoming.scope.workspaceId,
            event: 'webhook.test',
            data: { webhook: id },
          })
          return { result, subject: { kind: 'webhook', id } }
        })
        jobs.wake(deliveryKind)
        return deliveryBody(delivery)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/webhooks/{id}/deliveries',
      guard: 'webhooks:read',
      summary: 'What was sent to a webhook, newest first, and how it went',
      tag: 'Webhooks',
      params: idParams,
      query: pageQuery('desc'),
      response: listAnswer,
      handler: async ({ scope, params, query }) => {
        const page = await listDeliveries(db, scope, params.id, wishOf(query, ids('whd')))
        return listBody(page, deliveryBody, byId)
      },
    }),
  ]
}
