/** Whatever is put into a workspace holds it: an erasure comes before or after, never in between. */
import { AppError } from '../errors.ts'
import type { DatabaseTransaction } from './database.ts'

/** Until the transaction ends the workspace cannot be erased; `not_found` where it has been. */
export async function holdWorkspace(
  transaction: DatabaseTransaction,
  workspaceId: string,
): Promise<void> {
  const held = await transaction
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', workspaceId)
    .where('erased_at', 'is', null)
    .forShare()
    .executeTakeFirst()
  if (!held) throw new AppError('not_found', 'The workspace was erased.')
}
