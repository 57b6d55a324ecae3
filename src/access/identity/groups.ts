/**
 * Groups of a directory and the roles they give. A member's groups are told by the directory (over SCIM)
 * or by the tokens of their provider; the roles follow from them, and end with them.
 */
import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import type { Database } from '../../store/database.ts'
import type { Role, Row } from '../../store/schema.ts'
import { rolePermissions, roles } from '../permissions.ts'
import type { Scope } from '../scope.ts'

export type GroupRole = Row<'group_roles'>

/** A membership that groups gave, changed or took; null: none. */
export interface RoleChange {
  memberId: string
  workspaceId: string
  before: Role | null
  after: Role | null
}

export function listGroupRoles(db: Database, scope: Scope): Promise<GroupRole[]> {
  return db
    .selectFrom('group_roles')
    .selectAll()
    .where('organisation_id', '=', scope.organisationId)
    .orderBy('group_name')
    .orderBy('workspace_id')
    .execute()
}

/** Gives a group's members a role in a workspace, at once; `role` null takes it away. */
export async function setGroupRole(
  db: Database,
  scope: Scope,
  wanted: { group: string; workspaceId: string; role: Role | null },
): Promise<RoleChange[]> {
  const { group, workspaceId, role } = wanted
  const { organisationId } = scope
  await lockRoles(db, organisationId)
  if (role && !rolePermissions[role].isSubsetOf(scope.permissions)) {
    throw new AppError('forbidden', `The role ${role} has permissions that you lack.`)
  }
  const workspace = await db
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', workspaceId)
    .where('organisation_id', '=', organisationId)
    .where('erased_at', 'is', null)
    .executeTakeFirst()
  if (!workspace) {
    throw new AppError('not_found', `No workspace ${workspaceId}.`, { param: 'workspace' })
  }
  if (role) {
    await db
      .insertInto('group_roles')
      .values({
        organisation_id: organisationId,
        group_name: group,
        workspace_id: workspaceId,
        role,
        created_by: scope.actor.id,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['organisation_id', 'group_name', 'workspace_id'])
          .doUpdateSet({ role, created_by: scope.actor.id }),
      )
      .execute()
  } else {
    const removed = await db
      .deleteFrom('group_roles')
      .where('organisation_id', '=', organisationId)
      .where('group_name', '=', group)
      .where('workspace_id', '=', workspaceId)
      .returning('role')
      .executeTakeFirst()
    if (!removed) throw new AppError('not_found', `The group "${group}" has no role there.`)
  }
  return followGroup(db, organisationId, group)
}

/** Brings the roles of all members of a group in line with it. */
async function followGroup(
  db: Database,
  organisationId: string,
  group: string,
): Promise<RoleChange[]> {
  const members = await db
    .selectFrom('member_groups')
    .innerJoin('members', 'members.id', 'member_groups.member_id')
    .select('members.id')
    .distinct()
    .where('members.organisation_id', '=', organisationId)
    .where('member_groups.group_name', '=', group)
    .execute()
  const changes: RoleChange[] = []
  for (const { id } of members) changes.push(...(await followGroups(db, organisationId, id)))
  return changes
}

/**
 * One at a time may change what groups give and who is in them, until the transaction ends: roles follow
 * from both, and somebody who joins while a group loses its role must not keep it.
 */
async function lockRoles(db: Database, organisationId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`roles ${organisationId}`}))`.execute(db)
}

/** Puts a member into a group, or takes them out of it, and brings their roles in line. */
export async function tellGroup(
  db: Database,
  told: { organisationId: string; memberId: string; by: string; group: string; isIn: boolean },
): Promise<RoleChange[]> {
  const { organisationId, memberId, by, group, isIn } = told
  await lockRoles(db, organisationId)
  const row = { member_id: memberId, group_name: group, told_by: by }
  if (isIn) {
    await db
      .insertInto('member_groups')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  } else {
    await db
      .deleteFrom('member_groups')
      .where('member_id', '=', memberId)
      .where('group_name', '=', group)
      .where('told_by', '=', by)
      .execute()
  }
  return followGroups(db, organisationId, memberId)
}

/** Forgets all that one source told, and brings the roles of those it told of in line. */
export async function forgetTold(
  db: Database,
  organisationId: string,
  by: string,
): Promise<RoleChange[]> {
  await lockRoles(db, organisationId)
  const told = await db
    .deleteFrom('member_groups')
    .where('told_by', '=', by)
    .returning('member_id')
    .execute()
  const changes: RoleChange[] = []
  for (const memberId of new Set(told.map((row) => row.member_id))) {
    changes.push(...(await followGroups(db, organisationId, memberId)))
  }
  return changes
}

/** Replaces what one source tells of a member's groups, and brings their roles in line. */
export async function tellGroups(
  db: Database,
  told: { organisationId: string; memberId: string; by: string; groups: readonly string[] },
): Promise<RoleChange[]> {
  const { organisationId, memberId, by } = told
  await lockRoles(db, organisationId)
  await db
    .deleteFrom('member_groups')
    .where('member_id', '=', memberId)
    .where('told_by', '=', by)
    .execute()
  const rows = [...new Set(told.groups)].map((group_name) => ({
    member_id: memberId,
    group_name,
    told_by: by,
  }))
  if (rows.length > 0) await db.insertInto('member_groups').values(rows).execute()
  return followGroups(db, organisationId, memberId)
}

/** What groups give: of several roles in one workspace the first in the order of `roles`. */
export async function rolesOfGroups(
  db: Database,
  organisationId: string,
  groups: readonly string[],
): Promise<Map<string, Role>> {
  const given = new Map<string, Role>()
  if (groups.length === 0) return given
  const rows = await db
    .selectFrom('group_roles')
    .select(['workspace_id', 'role'])
    .where('organisation_id', '=', organisationId)
    .where('group_name', 'in', [...groups])
    .execute()
  for (const { workspace_id: workspace, role } of rows) {
    const other = given.get(workspace)
    if (!other || roles.indexOf(role) < roles.indexOf(other)) given.set(workspace, role)
  }
  return given
}

/** Memberships given by hand stay as they are; those given by groups become what the groups say. */
async function followGroups(
  db: Database,
  organisationId: string,
  memberId: string,
): Promise<RoleChange[]> {
  const groups = await db
    .selectFrom('member_groups')
    .select('group_name')
    .where('member_id', '=', memberId)
    .execute()
  const names = groups.map((row) => row.group_name)
  const wanted = await rolesOfGroups(db, organisationId, names)
  const current = await db
    .selectFrom('memberships')
    .selectAll()
    .where('member_id', '=', memberId)
    .execute()
  const changes: RoleChange[] = []
  for (const { workspace_id: workspaceId, role: before, given_by } of current) {
    const after = wanted.get(workspaceId) ?? null
    wanted.delete(workspaceId)
    if (given_by === 'hand' || after === before) continue
    changes.push({ memberId, workspaceId, before, after })
  }
  for (const [workspaceId, after] of wanted) {
    changes.push({ memberId, workspaceId, before: null, after })
  }
  for (const change of changes) await applyChange(db, change)
  return changes
}

async function applyChange(db: Database, change: RoleChange): Promise<void> {
  const { memberId, workspaceId, after: role } = change
  if (!role) {
    await db
      .deleteFrom('memberships')
      .where('member_id', '=', memberId)
      .where('workspace_id', '=', workspaceId)
      .execute()
    return
  }
  await db
    .insertInto('memberships')
    .values({ workspace_id: workspaceId, member_id: memberId, role, given_by: 'groups' })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'member_id']).doUpdateSet({ role }))
    .execute()
}
