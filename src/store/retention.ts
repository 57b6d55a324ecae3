/** Rules of how long a workspace keeps what it was given. */
import type { Scope } from '../access/scope.ts'
import { AppError } from '../errors.ts'
import type { Database } from './database.ts'
import type { Row } from './schema.ts'

export const retentionKinds = ['files', 'documents', 'batches', 'responses'] as const
export type RetentionKind = (typeof retentionKinds)[number]
export type RetentionRule = Row<'retention_rules'>

export function listRetention(db: Database, scope: Scope): Promise<RetentionRule[]> {
  return db
    .selectFrom('retention_rules')
    .selectAll()
    .where('workspace_id', '=', scope.workspaceId)
    .orderBy('kind')
    .execute()
}

/** Sets how many days a kind is kept; null: until somebody removes it. */
export async function setRetention(
  db: Database,
  scope: Scope,
  kind: RetentionKind,
  days: number | null,
): Promise<void> {
  if (days === null) {
    const removed = await db
      .deleteFrom('retention_rules')
      .where('workspace_id', '=', scope.workspaceId)
      .where('kind', '=', kind)
      .returning('kind')
      .executeTakeFirst()
    if (!removed) throw new AppError('not_found', `There is no rule for ${kind}.`)
    return
  }
  const values = { days, changed_by: scope.actor.id, changed_at: new Date() }
  await db
    .insertInto('retention_rules')
    .values({ workspace_id: scope.workspaceId, kind, ...values })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'kind']).doUpdateSet(values))
    .execute()
}

/** The rules of workspaces that are still there: of one, or of all. */
export function allRetention(db: Database, workspaceId?: string) {
  const rules = db
    .selectFrom('retention_rules')
    .innerJoin('workspaces', 'workspaces.id', 'retention_rules.workspace_id')
    .select([
      'retention_rules.workspace_id',
      'retention_rules.kind',
      'retention_rules.days',
      'workspaces.organisation_id',
    ])
    .where('workspaces.erased_at', 'is', null)
  return (workspaceId ? rules.where('workspaces.id', '=', workspaceId) : rules).execute()
}

/** What a new workspace begins with: clients keep answers without being told to. */
export async function firstRetention(db: Database, workspaceId: string): Promise<void> {
  await db
    .insertInto('retention_rules')
    .values({
      workspace_id: workspaceId,
      kind: 'responses',
      days: 30,
      changed_by: 'system',
      changed_at: new Date(),
    })
    .execute()
}
