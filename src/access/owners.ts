/** The organisation always has somebody who owns it: nobody locks themselves and everybody else out. */
import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import type { Database } from '../store/database.ts'
import type { Scope } from './scope.ts'

/**
 * To be called after a change by hand that may have taken an owner, in its transaction: refuses it where
 * the home workspace has no owner left. Two who remove each other at once wait for each other here.
 */
export async function requireOwnerLeft(db: Database, scope: Scope): Promise<void> {
  const { organisationId } = scope
  await sql`select pg_advisory_xact_lock(hashtext(${`owners ${organisationId}`}))`.execute(db)
  const { rows } = await sql<{ left: boolean }>`
    select exists (
      select 1 from keys join workspaces on workspaces.id = keys.workspace_id
      where workspaces.organisation_id = ${organisationId} and workspaces.is_home
        and keys.role = 'owner' and keys.scopes is null and keys.member_id is null
        and keys.purpose = 'service' and keys.revoked_at is null and keys.expires_at is null
    ) or exists (
      select 1 from memberships
        join workspaces on workspaces.id = memberships.workspace_id
        join members on members.id = memberships.member_id
      where workspaces.organisation_id = ${organisationId} and workspaces.is_home
        and memberships.role = 'owner' and members.suspended_at is null
        and members.removed_at is null
    ) as left`.execute(db)
  if (rows[0]!.left) return
  throw new AppError(
    'conflict',
    'Nobody would own the organisation any more: this is its last owner. Make another owner first (a key without an end, or a member), then do this again.',
  )
}
