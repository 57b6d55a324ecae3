/** What may be loaded: the policy, whose signatures are known, and the secrets that remote models name. */

import { z } from 'zod'
import type { SigningKey } from '../../assurance/signing.ts'
import type { LoadPolicy } from '../../models/policy.ts'
import type { Registry } from '../../models/registry.ts'
import { addSigner, knownSigners } from '../../models/signatures.ts'
import type { Database } from '../../store/database.ts'
import type { Keyring } from '../../store/keyring.ts'
import type { Change } from '../change.ts'
import { listBody, pageOf, wholeList } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { listAnswer } from '../shapes.ts'

export interface SignerRouteParts {
  db: Database
  registry: Registry
  signingKey: SigningKey
  keyring: Keyring
  loadPolicy: LoadPolicy
  change: Change
}

export function signerRoutes(parts: SignerRouteParts): Route[] {
  const { db, registry, signingKey, keyring, loadPolicy, change } = parts
  return [
    route({
      method: 'GET',
      path: '/v1/load-policy',
      guard: 'models:read',
      summary: 'Which packages may be loaded, as the settings of the server say',
      tag: 'Models',
      handler: async () => ({
        object: 'load_policy',
        signatures: loadPolicy.importPolicy,
        licences: loadPolicy.allowedLicences,
        origins: loadPolicy.allowedOrigins,
        formats: loadPolicy.allowedFormats,
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/signers',
      guard: 'models:read',
      summary: 'Whose signatures are known here',
      tag: 'Models',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const signers = await knownSigners(db, scope.organisationId, signingKey)
        const placeOf = ({ fingerprint }: { fingerprint: string }) => fingerprint
        const bodyOf = (signer: (typeof signers)[number]) => ({
          fingerprint: signer.fingerprint,
          name: signer.name,
          public_key: signer.publicKey,
          own: signer.own,
        })
        return listBody(pageOf(signers, placeOf, query, 'asc'), bodyOf, placeOf)
      },
    }),
    route({
      method: 'POST',
      path: '/v1/signers',
      guard: 'egress:write',
      summary: 'List a signer',
      tag: 'Models',
      status: 201,
      body: z.strictObject({
        name: z.string().min(1).max(200),
        public_key: z.string().min(1).max(2000),
      }),
      handler: async (incoming) => {
        const { scope, body } = incoming
        const signer = await change(incoming, 'signer.add', async (transaction) => {
          const added = await addSigner(transaction, scope, body.name, body.public_key)
          return { result: added, subject: { kind: 'signer', id: added.fingerprint } }
        })
        registry.forget()
        return { fingerprint: signer.fingerprint, name: signer.name, own: false }
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/secrets/{name}',
      guard: 'secrets:write',
      summary: 'Store a secret that a remote model names; it cannot be read back',
      tag: 'Models',
      params: z.object({ name: z.string().regex(/^[a-z0-9-]{1,60}$/) }),
      body: z.strictObject({ value: z.string().min(1).max(10_000) }),
      handler: async (incoming) => {
        const { name } = incoming.params
        const value = Buffer.from(incoming.body.value)
        await change(incoming, 'secret.set', async (transaction) => {
          await keyring.sealSecret(`remote:${name}`, value, transaction)
          return { result: null, subject: { kind: 'secret', id: name } }
        })
        return null
      },
    }),
  ]
}
