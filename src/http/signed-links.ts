/**
 * Links that open one stored file for a while without a credential, as Mistral's signed URLs do. A
 * link acts for the key that made it: revoking the key, or its member's access, ends its links.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Authenticator } from '../access/authenticate.ts'
import { requirePermission, type Scope } from '../access/scope.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { Keyring } from '../store/keyring.ts'

export interface SignedLink {
  file: string
  key: string
  /** Seconds since the epoch. */
  expires: number
  signature: string
}

export interface SignedLinks {
  /** The link's query for a file of the scope's workspace. */
  make(scope: Scope, fileId: string, hours: number): Promise<URLSearchParams>
  /** The scope the link acts in; throws `forbidden` unless it is whole, in time and its key valid. */
  open(link: SignedLink): Promise<Scope>
}

const statement = (file: string, key: string, expires: number) =>
  JSON.stringify(['file-link', file, key, expires])

export function createSignedLinks(parts: {
  keyring: Keyring
  authenticator: Authenticator
  clock: Clock
}): SignedLinks {
  const { keyring, authenticator, clock } = parts
  const signatureOf = async (scope: Scope, file: string, key: string, expires: number) =>
    (await keyring.dataKey(scope.workspaceId)).signature(statement(file, key, expires))

  return {
    async make(scope, file, hours) {
      const expires = Math.floor(clock.now() / 1000 + hours * 3600)
      const signature = await signatureOf(scope, file, scope.keyId, expires)
      return new URLSearchParams({
        key: scope.keyId,
        expires: String(expires),
        signature: signature.toString('base64url'),
      })
    },
    async open({ file, key, expires, signature }) {
      // One answer for every reason: a stranger learns nothing about keys and files.
      const refusal = new AppError(
        'forbidden',
        'The link is not valid or not valid any more. Ask for a new one with GET /v1/files/{id}/url.',
      )
      if (expires * 1000 < clock.now()) throw refusal
      const scope = await authenticator.authenticate({ kind: 'run', keyId: key }).catch((error) => {
        if (error instanceof AppError && error.code === 'unauthenticated') throw refusal
        throw error
      })
      const given = Buffer.from(signature, 'base64url')
      const expected = await signatureOf(scope, file, key, expires)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refusal
      requirePermission(scope, 'files:read')
      return scope
    },
  }
}
