/** Which member a signed-in identity is, and what its groups make of them. */
import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Database } from '../../store/database.ts'
import type { Row } from '../../store/schema.ts'
import { type RoleChange, rolesOfGroups, tellGroups } from './groups.ts'
import type { IdentityProvider } from './providers.ts'

/** What a provider's token says of a user, after it was checked. */
export interface Identity {
  subject: string
  name: string
  email: string | null
  emailVerified: boolean
  /** Null: this provider does not tell of groups; what the directory told stays. */
  groups: readonly string[] | null
}

export interface Account {
  /** Null for somebody without access, for whom no member is made. */
  member: Row<'members'> | null
  /** Whether the member was made now. */
  isNew: boolean
  changes: RoleChange[]
}

/**
 * Finds the member of an identity, or makes one where its groups give a role; then brings the member's
 * roles in line with the groups. Run in a transaction; what it changes holds whether or not the member
 * may come in afterwards.
 */
export async function accountOf(
  db: Database,
  provider: IdentityProvider,
  identity: Identity,
  now: Date,
): Promise<Account> {
  const organisationId = provider.organisation_id
  // Two first sign-ins of one user at once must not make two members.
  const who = JSON.stringify([organisationId, provider.issuer, identity.subject])
  await sql`select pg_advisory_xact_lock(hashtextextended(${who}, 0))`.execute(db)
  const known = await findMember(db, provider, identity)
  let member = known
  if (!member) {
    const given = await rolesOfGroups(db, organisationId, identity.groups ?? [])
    if (given.size === 0) return { member: null, isNew: false, changes: [] }
    member = await makeMember(db, organisationId, identity)
  }
  await db
    .insertInto('identities')
    .values({
      organisation_id: organisationId,
      issuer: provider.issuer,
      subject: identity.subject,
      member_id: member.id,
      last_signed_in_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'issuer', 'subject'])
        .doUpdateSet({ member_id: member.id, last_signed_in_at: now }),
    )
    .execute()
  const changes = identity.groups
    ? await tellGroups(db, {
        organisationId,
        memberId: member.id,
        by: provider.id,
        groups: identity.groups,
      })
    : []
  return { member, isNew: !known, changes }
}

/**
 * By the identity itself; else by the directory's own name for the user, where the provider is the only one
 * or trusted to claim members; else, where it is trusted, by an address it has verified. A member who is
 * linked to another subject of the same provider is never taken over.
 */
async function findMember(
  db: Database,
  provider: IdentityProvider,
  identity: Identity,
): Promise<Row<'members'> | null> {
  const { organisation_id: organisationId, issuer } = provider
  const members = () =>
    db
      .selectFrom('members')
      .selectAll('members')
      .where('members.organisation_id', '=', organisationId)
      .where('members.removed_at', 'is', null)
  const linked = await members()
    .innerJoin('identities', 'identities.member_id', 'members.id')
    .where('identities.issuer', '=', issuer)
    .where('identities.subject', '=', identity.subject)
    .executeTakeFirst()
  if (linked) return linked
  const unlinked = members().where(({ not, exists, selectFrom }) =>
    not(
      exists(
        selectFrom('identities')
          .select('identities.subject')
          .whereRef('identities.member_id', '=', 'members.id')
          .where('identities.issuer', '=', issuer),
      ),
    ),
  )
  // The directory's name for a user is only that of a provider which is the directory's own.
  if (provider.link_by_email || (await isOnlyProvider(db, provider))) {
    const provisioned = await unlinked
      .where('members.external_id', '=', identity.subject)
      .executeTakeFirst()
    if (provisioned) return provisioned
  }
  if (!provider.link_by_email || !identity.emailVerified || !identity.email) return null
  const found = await unlinked
    .where(({ fn, eb }) => eb(fn('lower', ['members.email']), '=', identity.email!.toLowerCase()))
    .executeTakeFirst()
  return found ?? null
}

async function isOnlyProvider(db: Database, provider: IdentityProvider): Promise<boolean> {
  const other = await db
    .selectFrom('identity_providers')
    .select('id')
    .where('organisation_id', '=', provider.organisation_id)
    .where('id', '<>', provider.id)
    .executeTakeFirst()
  return !other
}

async function makeMember(
  db: Database,
  organisationId: string,
  identity: Identity,
): Promise<Row<'members'>> {
  const id = newId('mem')
  // An address that another member has is left out: it proves nothing here.
  const taken = identity.email
    ? await db
        .selectFrom('members')
        .select('id')
        .where('organisation_id', '=', organisationId)
        .where('removed_at', 'is', null)
        .where(({ fn, eb }) => eb(fn('lower', ['email']), '=', identity.email!.toLowerCase()))
        .executeTakeFirst()
    : null
  return db
    .insertInto('members')
    .values({
      id,
      organisation_id: organisationId,
      name: identity.name,
      email: taken ? null : identity.email,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The workspaces a member may use, first the one they joined first in the organisation's order. */
export function workspacesOf(db: Database, memberId: string) {
  return db
    .selectFrom('memberships')
    .innerJoin('workspaces', 'workspaces.id', 'memberships.workspace_id')
    .select(['workspaces.id', 'workspaces.name', 'memberships.role'])
    .where('memberships.member_id', '=', memberId)
    .where('workspaces.erased_at', 'is', null)
    .orderBy('workspaces.created_at')
    .orderBy('workspaces.id')
    .execute()
}

export function noAccess(provider: IdentityProvider): AppError {
  return new AppError(
    'forbidden',
    `${provider.name} knows you, but no group of yours has access here. Ask an owner to give one of your groups a role.`,
  )
}
