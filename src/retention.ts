/** Removes what its workspace does not want to keep any longer, and tells the audit log how much it was. */
import { batchKind } from './http/batch/run.ts'
import type { Program } from './program.ts'
import type { Also } from './store/database.ts'
import { allRetention } from './store/retention.ts'

const dayMs = 86_400_000

/** For one workspace, or for all. A rule that fails keeps no other from being applied. */
export async function applyRetention(program: Program, workspaceId?: string): Promise<void> {
  const failures: unknown[] = []
  for (const rule of await allRetention(program.database.db, workspaceId)) {
    await applyRule(program, rule).catch((error) => failures.push(error))
  }
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures, 'Several retention rules failed.')
}

type Rule = Awaited<ReturnType<typeof allRetention>>[number]

async function applyRule(program: Program, rule: Rule): Promise<void> {
  const before = new Date(program.clock.now() - rule.days * dayMs)
  await remove(program, rule, before, async (transaction, removed) => {
    if (removed === 0) return
    await program.booking.append(transaction, {
      organisationId: rule.organisation_id,
      workspaceId: rule.workspace_id,
      kind: 'retention.remove',
      actor: { kind: 'system', id: 'retention' },
      subject: { kind: rule.kind, id: rule.workspace_id },
      outcome: 'ok',
      details: { removed, days: rule.days, before: before.toISOString() },
    })
  })
}

async function remove(
  { files, documents, runs, responses }: Program,
  { kind, workspace_id: workspaceId }: Rule,
  before: Date,
  also: Also<number>,
): Promise<void> {
  if (kind === 'files') return files.expire(workspaceId, before, also)
  if (kind === 'documents') return documents.expire(workspaceId, before, also)
  if (kind === 'responses') return responses.expire(workspaceId, before, also)
  await runs.expire(workspaceId, batchKind, before, (transaction, { length }) =>
    also(transaction, length),
  )
}
