/** A real database for a test: embedded, migrated, in a folder of its own that goes with it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../log.ts'
import { type Database, openDatabase } from './database.ts'
import { migrate } from './migrate.ts'

export interface TestDatabase extends AsyncDisposable {
  db: Database
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-database-'))
  const log = createLog('silent')
  const database = await openDatabase({ url: '', folder, poolSize: 4, log })
  await migrate(database.pool)
  return {
    db: database.db,
    async [Symbol.asyncDispose]() {
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
