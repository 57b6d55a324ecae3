/** Webhooks of a workspace and their deliveries. A delivery is made in the transaction of what it tells of. */

import { randomBytes } from 'node:crypto'
import type { Scope } from '../access/scope.ts'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Database, DatabaseTransaction } from './database.ts'
import type { Jobs } from './jobs.ts'
import type { Keyring } from './keyring.ts'
import { type Page, type PageWish, pageBy } from './paging.ts'
import type { Run } from './runs.ts'
import type { Row } from './schema.ts'

export const deliveryKind = 'webhook'
export const webhookEvents = ['batch.finished', 'document.finished', 'webhook.test'] as const
export type WebhookEvent = (typeof webhookEvents)[number]

export type Webhook = Row<'webhooks'>
export type Delivery = Row<'webhook_deliveries'>

const secretName = (id: string) => `webhook:${id}`

/** Makes a webhook; its secret is in this answer only. */
export async function addWebhook(
  db: DatabaseTransaction,
  keyring: Keyring,
  scope: Scope,
  wanted: { url: string; events: readonly WebhookEvent[] },
): Promise<{ webhook: Webhook; secret: string }> {
  const url = URL.canParse(wanted.url) ? new URL(wanted.url) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash) {
    throw new AppError(
      'invalid_request',
      'The address must be http or https, without user, password or fragment.',
      { param: 'url' },
    )
  }
  const id = newId('whk')
  // The form of Standard Webhooks: base64 behind a prefix.
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  await keyring.sealSecret(secretName(id), Buffer.from(secret), db)
  const webhook = await db
    .insertInto('webhooks')
    .values({
      id,
      workspace_id: scope.workspaceId,
      url: url.href,
      events: [...wanted.events],
      created_by: scope.actor.id,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { webhook, secret }
}

const webhooksOf = (db: Database, scope: Scope) =>
  db
    .selectFrom('webhooks')
    .selectAll()
    .where('workspace_id', '=', scope.workspaceId)
    .where('removed_at', 'is', null)

export function listWebhooks(db: Database, scope: Scope, wish: PageWish): Promise<Page<Webhook>> {
  return pageBy(webhooksOf(db, scope), 'id', wish)
}

export async function getWebhook(db: Database, scope: Scope, id: string): Promise<Webhook> {
  const webhook = await webhooksOf(db, scope).where('id', '=', id).executeTakeFirst()
  if (!webhook) throw new AppError('not_found', `No webhook ${id} in this workspace.`)
  return webhook
}

export async function removeWebhook(
  db: DatabaseTransaction,
  keyring: Keyring,
  scope: Scope,
  id: string,
): Promise<Webhook> {
  const webhook = await getWebhook(db, scope, id)
  await db.updateTable('webhooks').set({ removed_at: new Date() }).where('id', '=', id).execute()
  await keyring.removeSecret(secretName(id), db)
  return webhook
}

/** Newest first. */
export async function listDeliveries(
  db: Database,
  scope: Scope,
  id: string,
  wish: PageWish,
): Promise<Page<Delivery>> {
  await getWebhook(db, scope, id)
  const deliveries = db.selectFrom('webhook_deliveries').selectAll().where('webhook_id', '=', id)
  return pageBy(deliveries, 'id', wish)
}

/** Queues the telling of a run's end to every webhook that wants it. */
export async function tellFinished(
  db: DatabaseTransaction,
  jobs: Pick<Jobs, 'enqueue'>,
  run: Run,
): Promise<void> {
  const event = `${run.kind}.finished`
  const wanted = await db
    .selectFrom('webhooks')
    .select(['id', 'events'])
    .where('workspace_id', '=', run.workspace_id)
    .where('removed_at', 'is', null)
    .execute()
  const data = { object: run.kind, id: run.id, status: run.status, workspace: run.workspace_id }
  for (const { id, events } of wanted) {
    if (!events.includes(event)) continue
    const { workspace_id: workspaceId } = run
    await queueDelivery(db, jobs, { webhookId: id, workspaceId, event, data })
  }
}

export async function queueDelivery(
  db: DatabaseTransaction,
  jobs: Pick<Jobs, 'enqueue'>,
  telling: { webhookId: string; workspaceId: string; event: string; data: object },
): Promise<Delivery> {
  const { webhookId, workspaceId, event, data } = telling
  const payload = { type: event, timestamp: new Date().toISOString(), data }
  const delivery = await db
    .insertInto('webhook_deliveries')
    .values({
      id: newId('whd'),
      webhook_id: webhookId,
      event,
      payload: JSON.stringify(payload),
      status: 'pending',
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await jobs.enqueue(deliveryKind, delivery.id, db, workspaceId)
  return delivery
}

/** All deliveries that are still to be made, by workspace. */
export function unfinishedDeliveries(db: Database): Promise<{ id: string; group: string }[]> {
  return db
    .selectFrom('webhook_deliveries')
    .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
    .select(['webhook_deliveries.id', 'webhooks.workspace_id as group'])
    .where('webhook_deliveries.status', '=', 'pending')
    .execute()
}

/** A delivery that is still to be made, with its webhook; null when it has ended or nobody wants it. */
export async function pendingDelivery(db: Database, id: string) {
  return db
    .selectFrom('webhook_deliveries')
    .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
    .innerJoin('workspaces', 'workspaces.id', 'webhooks.workspace_id')
    .selectAll('webhook_deliveries')
    .select('webhooks.url')
    .where('webhook_deliveries.id', '=', id)
    .where('webhook_deliveries.status', '=', 'pending')
    .where('webhooks.removed_at', 'is', null)
    .where('workspaces.erased_at', 'is', null)
    .executeTakeFirst()
}

export async function webhookSecret(keyring: Keyring, webhookId: string): Promise<string | null> {
  return (await keyring.openSecret(secretName(webhookId)))?.toString() ?? null
}

/** Writes down an attempt; `error` null: it was delivered. */
export async function recordAttempt(db: Database, id: string, error: string | null): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set(({ eb }) => ({
      attempts: eb('attempts', '+', 1),
      last_error: error?.slice(0, 500) ?? null,
      ...(error === null && { status: 'delivered' as const, ended_at: new Date() }),
    }))
    .where('id', '=', id)
    .execute()
}

/** Gives a delivery up. */
export async function failDelivery(db: Database, id: string): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ status: 'failed', ended_at: new Date() })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute()
}

export const isDeliveryId = (id: string): boolean => id.startsWith('whd_')
