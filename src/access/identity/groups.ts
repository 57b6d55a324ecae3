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
  const members = await db
    .selectFrom('member_groups')
    .innerJoin('members', 'members.id', 'member_groups.member_id')
    .select('members.id')
    .distinct()
    .where('members.organisation_id', '=', organisationId)
    .where('member_groups.group_name', '=', group)
    .execute()
  const ids = members.map(({ id }) => id)
  return followGroups(db, organisationId, ids)
}

/**
 * One at a time may change what groups give and who is in them, until the transaction ends: roles follow
 * from both, and somebody who joins while a group loses its role must not keep it.
 */
async function lockRoles(db: Database, organisationId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`roles ${organisationId}`}))`.execute(db)
}

/** Puts members into a group, takes others out of it, and brings their roles in line. */
export async function tellGroup(
  db: Database,
  told: {
    organisationId: string
    by: string
    group: string
    joined: readonly string[]
    left: readonly string[]
  },
): Promise<RoleChange[]> {
  const { organisationId, by, group, joined, left } = told
  await lockRoles(db, organisationId)
  await sql`insert into member_groups (member_id, group_name, told_by)
    select member_id, ${group}, ${by} from unnest(${[...joined]}::text[]) member_id
    on conflict do nothing`.execute(db)
  await sql`delete from member_groups
    where member_id = any(${[...left]}::text[]) and group_name = ${group} and told_by = ${by}`.execute(
    db,
  )
  return followGroups(db, organisationId, [...joined, ...left])
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
  const ids = [...new Set(told.map((row) => row.member_id))]
  return followGroups(db, organisationId, ids)
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
  return followGroups(db, organisationId, [memberId])
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

/**
 * Memberships given by hand stay as they are; those given by groups become what the groups say: of several
 * roles in one workspace the first in the order of `roles`. A few statements, however many members.
 */
async function followGroups(
  db: Database,
  organisationId: string,
  memberIds: readonly string[],
): Promise<RoleChange[]> {
  if (memberIds.length === 0) return []
  const { rows: changes } = await sql<RoleChange>`
    with concerned as (select distinct unnest(${[...memberIds]}::text[]) as member_id),
    current as (select m.* from memberships m join concerned using (member_id)),
    wanted as (
      select distinct on (told.member_id, given.workspace_id)
        told.member_id, given.workspace_id, given.role
      from member_groups told join concerned using (member_id)
      join group_roles given
        on given.group_name = told.group_name and given.organisation_id = ${organisationId}
      order by told.member_id, given.workspace_id, array_position(${roles}::text[], given.role)
    )
    select member_id as "memberId", workspace_id as "workspaceId",
      current.role as before, wanted.role as after
    from current full join wanted using (member_id, workspace_id)
    where current.given_by is distinct from 'hand' and current.role is distinct from wanted.role
    order by member_id, workspace_id`.execute(db)
  const given = changes.filter(({ after }) => after !== null)
  const taken = changes.filter(({ after }) => after === null)
  const column = (rows: RoleChange[], name: keyof RoleChange) => rows.map((row) => row[name])
  await sql`delete from memberships using unnest(
      ${column(taken, 'memberId')}::text[], ${column(taken, 'workspaceId')}::text[]
    ) as gone (member_id, workspace_id)
    where memberships.member_id = gone.member_id
      and memberships.workspace_id = gone.workspace_id
      and memberships.given_by = 'groups'`.execute(db)
  await sql`insert into memberships (member_id, workspace_id, role, given_by)
    select *, 'groups' from unnest(
      ${column(given, 'memberId')}::text[], ${column(given, 'workspaceId')}::text[],
      ${column(given, 'after')}::text[])
    on conflict (workspace_id, member_id) do update set role = excluded.role
      where memberships.given_by = 'groups'`.execute(db)
  return changes
}

/** Names of the groups that give a member a role in a workspace now. */
export async function groupsThatGive(
  db: Database,
  memberId: string,
  workspaceId: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom('member_groups')
    .innerJoin('members', 'members.id', 'member_groups.member_id')
    .innerJoin('group_roles', (join) =>
      join
        .onRef('group_roles.group_name', '=', 'member_groups.group_name')
        .onRef('group_roles.organisation_id', '=', 'members.organisation_id'),
    )
    .select('group_roles.group_name')
    .distinct()
    .where('members.id', '=', memberId)
    .where('group_roles.workspace_id', '=', workspaceId)
    .orderBy('group_roles.group_name')
    .execute()
  return rows.map(({ group_name }) => group_name)
}
