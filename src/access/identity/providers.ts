/** OpenID Connect providers people may sign in with. Their client secrets are sealed under the master key. */

import { AppError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { type Database, isUniqueViolation } from '../../store/database.ts'
import type { Keyring } from '../../store/keyring.ts'
import { type Page, type PageWish, pageBy } from '../../store/paging.ts'
import type { Row } from '../../store/schema.ts'
import type { Scope } from '../scope.ts'
import { forgetTold, type RoleChange } from './groups.ts'

export type IdentityProvider = Row<'identity_providers'>

export interface NewProvider {
  /** Shown on the sign-in page. */
  name: string
  issuer: string
  clientId: string
  clientSecret?: string | undefined
  scopes: string
  /** The claim that lists a user's groups; empty: a directory tells of them over SCIM. */
  groupsClaim: string
  linkByEmail: boolean
}

const secretName = (id: string) => `identity:${id}`
const loopback = ['localhost', '127.0.0.1', '[::1]']

/** Tokens travel to this address, so it is encrypted, or on this machine. */
function checkIssuer(issuer: string): string {
  const url = URL.canParse(issuer) ? new URL(issuer) : null
  const secure =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.includes(url.hostname))
  if (!url || !secure || url.username || url.password || url.search || url.hash) {
    throw new AppError(
      'invalid_request',
      'The issuer must be an https address as the provider states it, without user, query or fragment.',
      { param: 'issuer' },
    )
  }
  return issuer
}

export async function addProvider(
  db: Database,
  keyring: Keyring,
  scope: Scope,
  wanted: NewProvider,
): Promise<IdentityProvider> {
  const id = newId('idp')
  if (wanted.clientSecret) {
    await keyring.sealSecret(secretName(id), Buffer.from(wanted.clientSecret), db)
  }
  try {
    return await db
      .insertInto('identity_providers')
      .values({
        id,
        organisation_id: scope.organisationId,
        name: wanted.name,
        issuer: checkIssuer(wanted.issuer),
        client_id: wanted.clientId,
        scopes: wanted.scopes,
        groups_claim: wanted.groupsClaim,
        link_by_email: wanted.linkByEmail,
        created_by: scope.actor.id,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new AppError('conflict', `There is a provider for ${wanted.issuer} already.`, {
      param: 'issuer',
    })
  }
}

export function listProviders(
  db: Database,
  scope: Scope,
  wish: PageWish,
): Promise<Page<IdentityProvider>> {
  const providers = db
    .selectFrom('identity_providers')
    .selectAll()
    .where('organisation_id', '=', scope.organisationId)
  return pageBy(providers, 'id', wish)
}

/** What the sign-in page shows to anybody: names, no more. */
export function providersToSignInWith(
  db: Database,
  wish: PageWish,
): Promise<Page<{ id: string; name: string }>> {
  return pageBy(db.selectFrom('identity_providers').select(['id', 'name']), 'id', wish)
}

/** Removes a provider: sessions that began with it end, and roles of groups that only it told of. */
export async function removeProvider(
  db: Database,
  keyring: Keyring,
  scope: Scope,
  id: string,
): Promise<{ ended: IdentityProvider; changes: RoleChange[] }> {
  const ended = await db
    .selectFrom('identity_providers')
    .selectAll()
    .where('id', '=', id)
    .where('organisation_id', '=', scope.organisationId)
    .executeTakeFirst()
  if (!ended) throw new AppError('not_found', `No identity provider ${id}.`)
  await db.deleteFrom('sessions').where('provider_id', '=', id).execute()
  const changes = await forgetTold(db, scope.organisationId, id)
  await db.deleteFrom('identity_providers').where('id', '=', id).execute()
  await keyring.removeSecret(secretName(id), db)
  return { ended, changes }
}

export async function clientSecretOf(keyring: Keyring, id: string): Promise<string | null> {
  return (await keyring.openSecret(secretName(id)))?.toString() ?? null
}
