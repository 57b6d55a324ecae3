/** What a change of the directory draws after it: roles, their records, and answers kept in memory. */
import type { Authenticator } from '../../access/authenticate.ts'
import type { RoleChange } from '../../access/identity/groups.ts'
import type { Scope } from '../../access/scope.ts'
import type { Database, DatabaseTransaction } from '../../store/database.ts'
import type { Change, RecordChange } from '../change.ts'
import type { Incoming } from '../route.ts'

export interface ScimRouteParts {
  db: Database
  authenticator: Authenticator
  change: Change
  record: RecordChange
  publicUrl: string
}

/** A request about one resource; `id` is empty for one that is being made. */
export type ScimIncoming = Incoming<{ id: string }, unknown, unknown, Scope>

/** Role changes that follow from a change of the directory are records of their own. */
export function createFollow({ record, authenticator }: ScimRouteParts) {
  return {
    async tell(transaction: DatabaseTransaction, asking: ScimIncoming, changes: RoleChange[]) {
      for (const { memberId, workspaceId, before, after } of changes) {
        await record(transaction, asking, 'member.follow_groups', {
          subject: { kind: 'member', id: memberId },
          details: { workspace: workspaceId, before, after },
        })
      }
    },
    seen: () => authenticator.forget(),
  }
}
