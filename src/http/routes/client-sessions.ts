/** Mistral's client sessions: what a page in a browser is given instead of a key. */
import { z } from 'zod'
import { clientSessionSecondsMax, createClientSession } from '../../access/client-sessions.ts'
import type { Clock } from '../../clock.ts'
import type { Registry } from '../../models/registry.ts'
import type { Change } from '../change.ts'
import { type Route, route } from '../route.ts'

export interface ClientSessionRouteParts {
  registry: Registry
  change: Change
  clock: Clock
}

const defaultSeconds = 900

export function clientSessionRoutes({ registry, change, clock }: ClientSessionRouteParts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/client/sessions',
      guard: 'client-sessions:create',
      summary: 'Make a secret for one model and some minutes, that acts as this key (Mistral)',
      tag: 'Access',
      status: 201,
      body: z.strictObject({
        purpose: z.literal('realtime'),
        model: z.string().min(1).max(200),
        ttl_seconds: z.number().int().min(1).max(clientSessionSecondsMax).nullish(),
      }),
      response: z.looseObject({ object: z.literal('client.session'), expires_at: z.string() }),
      handler: async (incoming) => {
        const { scope, body } = incoming
        const model = await registry.resolve(scope.organisationId, body.model)
        const names = [model.hash, model.manifest.name, ...model.aliases]
        const seconds = body.ttl_seconds ?? defaultSeconds
        const expiresAt = new Date(clock.now() + seconds * 1000)
        const made = await change(incoming, 'client-session.create', async (transaction) => {
          const wanted = { model: body.model, names, expiresAt }
          const result = await createClientSession(transaction, scope, wanted)
          const details = {
            model: body.model,
            key: scope.keyId,
            expires_at: expiresAt.toISOString(),
          }
          return { result, subject: { kind: 'client_session', id: result.id }, details }
        })
        const expires = made.expiresAt.toISOString()
        return {
          id: made.id,
          object: 'client.session',
          purpose: body.purpose,
          model: body.model,
          expires_at: expires,
          client_secret: { value: made.secret, expires_at: expires },
        }
      },
    }),
  ]
}
