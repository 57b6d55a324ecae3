/**
 * Where model files go that failed a check: out of every engine's reach, with the reason, until somebody
 * has looked at them. What a person uploads and is refused at once is not kept: they have it.
 */

import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Booking } from '../assurance/booking.ts'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Database, DatabaseTransaction } from '../store/database.ts'
import { type Page, type PageWish, pageBy } from '../store/paging.ts'
import type { Row } from '../store/schema.ts'

export type Quarantined = Row<'quarantine'>

export interface QuarantineFinding {
  name: string
  /** The address it came from, or `this installation`. */
  source: string
  sha256: string
  sizeBytes: number
  reason: string
}

export interface Quarantine {
  /** Takes the file at `path` away and writes down why. */
  put(path: string, finding: QuarantineFinding): Promise<Quarantined>
  list(wish: PageWish): Promise<Page<Quarantined>>
  /** Removes it for good, in the caller's transaction; `not_found` when there is none. */
  remove(transaction: DatabaseTransaction, id: string): Promise<Quarantined>
}

export function createQuarantine(db: Database, booking: Booking, modelFolder: string): Quarantine {
  const folder = join(modelFolder, 'quarantine')

  async function book(row: Quarantined): Promise<void> {
    const organisation = await db.selectFrom('organisations').select('id').executeTakeFirst()
    if (!organisation) return
    await booking.book({
      organisationId: organisation.id,
      workspaceId: null,
      kind: 'model-file.quarantine',
      actor: { kind: 'system', id: 'models' },
      subject: { kind: 'quarantine', id: row.id },
      outcome: 'refused',
      details: { sha256: row.sha256, source: row.source, reason: row.reason },
    })
  }

  return {
    async put(path, finding) {
      const id = newId('qua')
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await rename(path, join(folder, id))
      const row = await db
        .insertInto('quarantine')
        .values({
          id,
          name: finding.name.slice(0, 200),
          source: finding.source.slice(0, 2000),
          sha256: finding.sha256,
          size_bytes: finding.sizeBytes,
          reason: finding.reason,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      await book(row)
      return row
    },

    list: (wish) => pageBy(db.selectFrom('quarantine').selectAll(), 'id', wish),

    async remove(transaction, id) {
      const row = await transaction
        .deleteFrom('quarantine')
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst()
      if (!row) throw new AppError('not_found', `Nothing with the id ${id} is in quarantine.`)
      await rm(join(folder, row.id), { force: true })
      return row
    },
  }
}
