/**
 * Members of the organisation and their roles in the scope's workspace. Changes are made inside the
 * caller's transaction.
 */
import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import { type Database, isUniqueViolation } from '../store/database.ts'
import { type Page, type PageWish, pageBy } from '../store/paging.ts'
import type { Role, Row } from '../store/schema.ts'
import { groupsThatGive } from './identity/groups.ts'
import { requireOwnerLeft } from './owners.ts'
import { permissionsOf } from './permissions.ts'
import type { Scope } from './scope.ts'

export interface MemberInfo {
  id: string
  name: string
  email: string | null
  role: Role
  state: 'active' | 'suspended'
  createdAt: Date
}

const membersOf = (db: Database, scope: Scope) =>
  db
    .selectFrom('members')
    .innerJoin('memberships', 'memberships.member_id', 'members.id')
    .selectAll('members')
    .select('memberships.role')
    .where('memberships.workspace_id', '=', scope.workspaceId)
    .where('members.organisation_id', '=', scope.organisationId)
    .where('members.removed_at', 'is', null)

function infoOf(row: Row<'members'> & { role: Role }): MemberInfo {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    state: row.suspended_at ? 'suspended' : 'active',
    createdAt: row.created_at,
  }
}

export async function listMembers(
  db: Database,
  scope: Scope,
  wish: PageWish,
): Promise<Page<MemberInfo>> {
  const { rows, hasMore } = await pageBy(membersOf(db, scope), 'members.id', wish)
  return { rows: rows.map(infoOf), hasMore }
}

async function memberOf(db: Database, scope: Scope, id: string): Promise<MemberInfo> {
  const member = await membersOf(db, scope).where('members.id', '=', id).executeTakeFirst()
  if (!member) throw new AppError('not_found', `No member ${id} in this workspace.`)
  return infoOf(member)
}

/** Nobody can hand out, change or take a role that is above their own. */
function requireRank(scope: Scope, role: Role): void {
  if (permissionsOf(role, scope.isHome).isSubsetOf(scope.permissions)) return
  throw new AppError(
    'forbidden',
    `The role ${role} has permissions that this key lacks. Ask an owner.`,
  )
}

/** Suspending ends access everywhere: outside the home workspace only for who is a member there alone. */
async function requireAllOf(db: Database, scope: Scope, memberId: string): Promise<void> {
  if (scope.isHome) return
  const elsewhere = await db
    .selectFrom('memberships')
    .select('workspace_id')
    .where('member_id', '=', memberId)
    .where('workspace_id', '<>', scope.workspaceId)
    .executeTakeFirst()
  if (!elsewhere) return
  throw new AppError(
    'forbidden',
    'This member belongs to other workspaces too, and suspending ends access to all of them. Remove them from this workspace, or ask an administrator of the home workspace.',
  )
}

/** Whom the directory ended, no single workspace brings back. */
async function requireNotEnded(db: Database, scope: Scope, memberId: string): Promise<void> {
  if (scope.isHome) return
  const { suspended_by: by } = await db
    .selectFrom('members')
    .select('suspended_by')
    .where('id', '=', memberId)
    .executeTakeFirstOrThrow()
  if (by !== 'directory' && by !== 'both') return
  throw new AppError(
    'forbidden',
    'The directory ended this member. Reinstate them there, or ask an administrator of the home workspace.',
  )
}

export async function addMember(
  db: Database,
  scope: Scope,
  wanted: { name: string; email?: string | undefined; role: Role },
): Promise<MemberInfo> {
  requireRank(scope, wanted.role)
  const id = newId('mem')
  try {
    await db
      .insertInto('members')
      .values({
        id,
        organisation_id: scope.organisationId,
        name: wanted.name,
        email: wanted.email ?? null,
      })
      .execute()
    await db
      .insertInto('memberships')
      .values({ workspace_id: scope.workspaceId, member_id: id, role: wanted.role })
      .execute()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new AppError('conflict', `A member with the address ${wanted.email} exists already.`, {
      param: 'email',
    })
  }
  return memberOf(db, scope, id)
}

export async function changeMember(
  db: Database,
  scope: Scope,
  id: string,
  change: { role?: Role | undefined; state?: 'active' | 'suspended' | undefined },
): Promise<MemberInfo> {
  const member = await memberOf(db, scope, id)
  requireRank(scope, member.role)
  if (change.role) {
    requireRank(scope, change.role)
    await db
      .updateTable('memberships')
      // From now on it is given by hand: no group changes it.
      .set({ role: change.role, given_by: 'hand' })
      .where('member_id', '=', id)
      .where('workspace_id', '=', scope.workspaceId)
      .execute()
  }
  if (change.state) {
    await requireAllOf(db, scope, id)
    // Also to suspend again: it would be by hand then, and whoever did it could take it back.
    await requireNotEnded(db, scope, id)
    await db
      .updateTable('members')
      .set(
        change.state === 'suspended'
          ? {
              suspended_at: new Date(),
              suspended_by: sql`case when suspended_by is null then 'hand'
                when suspended_by = 'directory' then 'both' else suspended_by end`,
            }
          : { suspended_at: null, suspended_by: null },
      )
      .where('id', '=', id)
      .where('organisation_id', '=', scope.organisationId)
      .execute()
  }
  if (member.role === 'owner' && scope.isHome) await requireOwnerLeft(db, scope)
  return memberOf(db, scope, id)
}

/** Ends a membership; the member's keys stop working with it. */
export async function removeMember(db: Database, scope: Scope, id: string): Promise<MemberInfo> {
  const member = await memberOf(db, scope, id)
  requireRank(scope, member.role)
  const groups = await groupsThatGive(db, id, scope.workspaceId)
  if (groups.length > 0) {
    throw new AppError(
      'conflict',
      `${groups.map((group) => `"${group}"`).join(', ')} would give this member the role back. Take them out of the group in your directory, take the group its role here, or suspend them.`,
    )
  }
  await db
    .deleteFrom('memberships')
    .where('member_id', '=', id)
    .where('workspace_id', '=', scope.workspaceId)
    .execute()
  if (member.role === 'owner' && scope.isHome) await requireOwnerLeft(db, scope)
  return member
}
