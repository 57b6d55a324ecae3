/** Which of the open sessions a browser's cookie stands for. */
import type { Database } from '../store/database.ts'
import { secretHash } from './authenticate.ts'

export async function ownSession(db: Database, secret: string | null): Promise<string | null> {
  if (!secret) return null
  const own = await db
    .selectFrom('sessions')
    .select('id')
    .where('secret_hash', '=', secretHash(secret))
    .executeTakeFirst()
  return own?.id ?? null
}
