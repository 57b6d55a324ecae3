/**
 * Users and groups as a directory provisions them. They belong to the organisation; what they may do
 * follows from the roles that were given to groups. Every change runs in the caller's transaction and
 * returns the memberships it moved.
 */
import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { type Database, isUniqueViolation } from '../../store/database.ts'
import type { Row } from '../../store/schema.ts'
import type { Scope } from '../scope.ts'
import { type RoleChange, tellGroup } from './groups.ts'

export type DirectoryUser = Row<'members'>
export type DirectoryGroup = Row<'directory_groups'> & { members: { id: string; name: string }[] }

/** What a directory says of a user. */
export interface UserFacts {
  userName: string
  externalId: string | null
  name: string
  email: string | null
  /** Undefined: as it is; of somebody new: true. */
  active: boolean | undefined
}

export interface GroupFacts {
  name: string
  externalId: string | null
  memberIds: readonly string[]
}

const toldBy = 'scim'

export function directoryUsers(db: Database, scope: Scope): Promise<DirectoryUser[]> {
  return db
    .selectFrom('members')
    .selectAll()
    .where('organisation_id', '=', scope.organisationId)
    .where('removed_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

export async function directoryUser(
  db: Database,
  scope: Scope,
  id: string,
): Promise<DirectoryUser> {
  const user = await db
    .selectFrom('members')
    .selectAll()
    .where('id', '=', id)
    .where('organisation_id', '=', scope.organisationId)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  if (!user) throw new AppError('not_found', `No user ${id}.`)
  return user
}

/** Holds a user or group until the transaction ends: who changes it builds on what is there. */
export async function lockEntry(
  db: Database,
  table: 'members' | 'directory_groups',
  id: string,
): Promise<void> {
  await db.selectFrom(table).select('id').where('id', '=', id).forUpdate().execute()
}

function columnsOf(facts: UserFacts, now: Date) {
  return {
    user_name: facts.userName,
    external_id: facts.externalId,
    name: facts.name,
    email: facts.email,
    updated_at: now,
  }
}

async function unique<T>(what: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new AppError('conflict', `Another ${what} has that name or address.`, { cause: error })
  }
}

export function createUser(
  db: Database,
  scope: Scope,
  facts: UserFacts,
  now: Date,
): Promise<DirectoryUser> {
  return unique('user', () =>
    db
      .insertInto('members')
      .values({
        id: newId('mem'),
        organisation_id: scope.organisationId,
        ...columnsOf(facts, now),
        ...(facts.active === false && { suspended_at: now, suspended_by: 'directory' as const }),
      })
      .returningAll()
      .executeTakeFirstOrThrow(),
  )
}

export async function updateUser(
  db: Database,
  scope: Scope,
  id: string,
  facts: UserFacts,
  now: Date,
): Promise<DirectoryUser> {
  const { suspended_at: since, suspended_by: by } = await directoryUser(db, scope, id)
  const byHand = by === 'hand' || by === 'both'
  const endedBy = byHand ? ('both' as const) : ('directory' as const)
  const ended = { suspended_at: since ?? now, suspended_by: endedBy }
  // "Active" is said of everybody at every change: it does not bring back whom somebody here suspended.
  const back = byHand
    ? { suspended_by: 'hand' as const }
    : { suspended_at: null, suspended_by: null }
  return unique('user', () =>
    db
      .updateTable('members')
      .set({
        ...columnsOf(facts, now),
        ...(facts.active === false && ended),
        ...(facts.active === true && back),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),
  )
}

/** Ends a user everywhere: memberships, groups and sign-ins. Their records keep naming them by id. */
export async function removeUser(
  db: Database,
  scope: Scope,
  id: string,
  now: Date,
): Promise<RoleChange[]> {
  await directoryUser(db, scope, id)
  const ended = await db
    .deleteFrom('memberships')
    .where('member_id', '=', id)
    .returningAll()
    .execute()
  await db.deleteFrom('member_groups').where('member_id', '=', id).execute()
  await db.deleteFrom('identities').where('member_id', '=', id).execute()
  await db.updateTable('members').set({ removed_at: now }).where('id', '=', id).execute()
  return ended.map(({ workspace_id: workspaceId, role: before }) => ({
    memberId: id,
    workspaceId,
    before,
    after: null,
  }))
}

/** Names of the groups a directory put the users in, by user. */
export async function groupsOfUsers(
  db: Database,
  scope: Scope,
  userIds: readonly string[],
): Promise<Map<string, { id: string; name: string }[]>> {
  const found = new Map<string, { id: string; name: string }[]>()
  if (userIds.length === 0) return found
  const rows = await db
    .selectFrom('member_groups')
    .innerJoin('directory_groups', 'directory_groups.name', 'member_groups.group_name')
    .select(['member_groups.member_id', 'directory_groups.id', 'directory_groups.name'])
    .where('directory_groups.organisation_id', '=', scope.organisationId)
    .where('member_groups.told_by', '=', toldBy)
    .where('member_groups.member_id', '=', sql<string>`any(${[...userIds]})`)
    .execute()
  for (const { member_id, id, name } of rows) {
    const groups = found.get(member_id)
    if (groups) groups.push({ id, name })
    else found.set(member_id, [{ id, name }])
  }
  return found
}

/** All groups, or the one of an id. */
export async function directoryGroups(
  db: Database,
  scope: Scope,
  id?: string,
): Promise<DirectoryGroup[]> {
  let wanted = db
    .selectFrom('directory_groups')
    .selectAll()
    .where('organisation_id', '=', scope.organisationId)
    .orderBy('created_at')
    .orderBy('id')
  if (id) wanted = wanted.where('id', '=', id)
  const groups = new Map(
    (await wanted.execute()).map((group) => [
      group.name,
      { ...group, members: [] } as DirectoryGroup,
    ]),
  )
  const rows = await db
    .selectFrom('member_groups')
    .innerJoin('members', 'members.id', 'member_groups.member_id')
    .select(['member_groups.group_name', 'members.id', 'members.name'])
    .where('members.organisation_id', '=', scope.organisationId)
    .where('member_groups.told_by', '=', toldBy)
    .where('member_groups.group_name', '=', sql<string>`any(${[...groups.keys()]})`)
    .orderBy('members.created_at')
    .execute()
  for (const { group_name, ...member } of rows) groups.get(group_name)!.members.push(member)
  return [...groups.values()]
}

export async function directoryGroup(
  db: Database,
  scope: Scope,
  id: string,
): Promise<DirectoryGroup> {
  const [group] = await directoryGroups(db, scope, id)
  if (!group) throw new AppError('not_found', `No group ${id}.`)
  return group
}

export async function createGroup(
  db: Database,
  scope: Scope,
  facts: GroupFacts,
): Promise<{ group: DirectoryGroup; changes: RoleChange[] }> {
  const id = newId('grp')
  await unique('group', () =>
    db
      .insertInto('directory_groups')
      .values({
        id,
        organisation_id: scope.organisationId,
        name: facts.name,
        external_id: facts.externalId,
      })
      .execute(),
  )
  const changes = await setMembers(db, scope, facts.name, [], facts.memberIds)
  return { group: await directoryGroup(db, scope, id), changes }
}

export async function updateGroup(
  db: Database,
  scope: Scope,
  id: string,
  facts: GroupFacts,
  now: Date,
): Promise<{ group: DirectoryGroup; changes: RoleChange[] }> {
  const before = await directoryGroup(db, scope, id)
  await unique('group', () =>
    db
      .updateTable('directory_groups')
      .set({ name: facts.name, external_id: facts.externalId, updated_at: now })
      .where('id', '=', id)
      .execute(),
  )
  const members = before.members.map((member) => member.id)
  const changes: RoleChange[] = []
  // Roles were given to a name: under another one the members have what that name was given.
  if (before.name !== facts.name) {
    changes.push(...(await setMembers(db, scope, before.name, members, [])))
    changes.push(...(await setMembers(db, scope, facts.name, [], facts.memberIds)))
  } else {
    changes.push(...(await setMembers(db, scope, facts.name, members, facts.memberIds)))
  }
  return { group: await directoryGroup(db, scope, id), changes }
}

export async function removeGroup(
  db: Database,
  scope: Scope,
  id: string,
): Promise<{ group: DirectoryGroup; changes: RoleChange[] }> {
  const group = await directoryGroup(db, scope, id)
  const members = group.members.map((member) => member.id)
  await db.deleteFrom('directory_groups').where('id', '=', id).execute()
  return { group, changes: await setMembers(db, scope, group.name, members, []) }
}

/** Makes a group's members those wanted; users of other organisations are refused. */
async function setMembers(
  db: Database,
  scope: Scope,
  group: string,
  current: readonly string[],
  wanted: readonly string[],
): Promise<RoleChange[]> {
  const [before, after] = [new Set(current), new Set(wanted)]
  const joined = [...after.difference(before)]
  await requireUsers(db, scope, joined)
  const left = [...before.difference(after)]
  return tellGroup(db, { organisationId: scope.organisationId, by: toldBy, group, joined, left })
}

async function requireUsers(db: Database, scope: Scope, ids: readonly string[]): Promise<void> {
  const known = await db
    .selectFrom('members')
    .select('id')
    .where('id', '=', sql<string>`any(${[...ids]})`)
    .where('organisation_id', '=', scope.organisationId)
    .where('removed_at', 'is', null)
    .execute()
  const found = new Set(known.map(({ id }) => id))
  const missing = ids.find((id) => !found.has(id))
  if (missing !== undefined) throw new AppError('not_found', `No user ${missing.slice(0, 60)}.`)
}
