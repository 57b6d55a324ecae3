/**
 * Tells a webhook, signed as Standard Webhooks 1.0 has it: HMAC-SHA256 over id, time and body, so that the
 * receiver knows who it is from and that it was not kept and sent again.
 */
import { createHmac } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { discard, type Egress } from '../egress.ts'
import { AppError, toAppError } from '../errors.ts'
import type { Database } from '../store/database.ts'
import type { JobHandler } from '../store/jobs.ts'
import type { Keyring } from '../store/keyring.ts'
import { failDelivery, pendingDelivery, recordAttempt, webhookSecret } from '../store/webhooks.ts'

const timeoutMs = 15_000

export function createWebhookSender(parts: {
  db: Database
  keyring: Keyring
  egress: Egress
  clock: Clock
}): JobHandler {
  const { db, keyring, egress, clock } = parts
  return async (deliveryId, signal) => {
    const delivery = await pendingDelivery(db, deliveryId)
    const secret = delivery && (await webhookSecret(keyring, delivery.webhook_id))
    if (!delivery || !secret) return failDelivery(db, deliveryId)
    const body = JSON.stringify(delivery.payload)
    const seconds = Math.floor(clock.now() / 1000)
    try {
      const answer = await egress.fetch(delivery.url, {
        purpose: `webhook:${delivery.webhook_id}`,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': delivery.id,
          'webhook-timestamp': String(seconds),
          'webhook-signature': `v1,${signatureOf(secret, delivery.id, seconds, body)}`,
        },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      discard(answer)
      if (!answer.ok) throw new AppError('upstream_failed', `It answered ${answer.status}.`)
      await recordAttempt(db, delivery.id, null)
    } catch (error) {
      // The queue tries again, less and less often; what went wrong stands in the list of deliveries.
      await recordAttempt(db, delivery.id, reasonOf(error))
      throw error
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.message
  const known = toAppError(error)
  return known.code === 'internal' && error instanceof Error ? error.message : known.message
}

function signatureOf(secret: string, id: string, seconds: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
}
