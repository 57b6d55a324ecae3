/** Roles that groups gave or took are records of their own, whatever moved them. */
import type { RoleChange } from '../access/identity/groups.ts'
import type { DatabaseTransaction } from '../store/database.ts'
import type { Asking, RecordChange } from './change.ts'

export async function recordRoleChanges(
  transaction: DatabaseTransaction,
  record: RecordChange,
  asking: Asking,
  changes: readonly RoleChange[],
): Promise<void> {
  const [first, ...more] = changes.map(({ memberId, workspaceId, before, after }) => ({
    subject: { kind: 'member', id: memberId },
    details: { workspace: workspaceId, before, after },
  }))
  if (first) await record(transaction, asking, 'member.follow_groups', first, ...more)
}
