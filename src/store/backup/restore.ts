/** Puts a backup into an empty installation: another folder, another database, or both. */
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { type Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { extract } from 'tar-stream'
import { AppError } from '../../errors.ts'
import type { OpenDatabase } from '../database.ts'
import { knownMigrations, migrate } from '../migrate.ts'
import type { Stores } from '../objects/stores.ts'
import { unsealStream } from '../seal.ts'
import { newUpload } from '../uploads.ts'
import {
  type BackupEnd,
  type BackupManifest,
  endSchema,
  manifestSchema,
  storeNames,
} from './format.ts'
import { continueNumbering, insertRows } from './tables.ts'

export interface RestoreTarget {
  database: OpenDatabase
  stores: Stores
  dataFolder: string
  key: Buffer
  /** Called with the bytes of the file read so far. */
  progress(bytes: number): void
}

/** Reads a backup to its end, so that one that was damaged is refused before anything is made. */
export async function checkBackup(path: string, key: Buffer): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    await pipeline(createReadStream(path), unsealStream(key, 'backup'), nowhere)
  } catch (error) {
    throw restoreError(error)
  }
}

/**
 * Restores a file that `checkBackup` has found whole. Throws `conflict` when the target is not empty
 * or the backup is of a newer schema.
 */
export async function restoreBackup(path: string, target: RestoreTarget): Promise<BackupManifest> {
  await requireEmpty(target.database)
  const source = createReadStream(path, { highWaterMark: 1 << 20 })
  source.on('data', () => target.progress(source.bytesRead))
  const archive = extract()
  const reading = pipeline(source, unsealStream(target.key, 'backup'), archive)
  const walking = walk(archive, target)
  // Whichever fails first says why; the other then fails of it.
  const [read, walked] = await Promise.allSettled([reading, walking])
  if (walked.status === 'rejected') throw restoreError(walked.reason)
  if (read.status === 'rejected') throw restoreError(read.reason)
  return walked.value
}

function restoreError(error: unknown): AppError {
  if (error instanceof AppError && error.code !== 'internal') return error
  return new AppError(
    'unreadable_file',
    'The backup cannot be read: it was cut short or changed, or it was made under another master key.',
    { cause: error },
  )
}

async function requireEmpty(database: OpenDatabase): Promise<void> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass('public.organisations') is not null as found`.execute(database.db)
  if (!rows[0]?.found) return
  throw new AppError(
    'conflict',
    'The target has an installation already. Restore to an empty folder, or to an empty database.',
  )
}

type Archive = ReturnType<typeof extract>

async function walk(archive: Archive, target: RestoreTarget): Promise<BackupManifest> {
  const { db } = target.database
  let manifest: BackupManifest | null = null
  let end: BackupEnd | null = null
  const counted: BackupEnd = { rows: {}, files: 0 }
  for await (const entry of archive) {
    const { name } = entry.header
    if (name === 'manifest.json') {
      manifest = manifestSchema.parse(JSON.parse(await text(entry as unknown as Readable)))
      await makeSchema(target.database, manifest)
    } else if (name === 'end.json') {
      end = endSchema.parse(JSON.parse(await text(entry as unknown as Readable)))
    } else if (!manifest) {
      throw new AppError('unreadable_file', 'The backup does not begin with its manifest.')
    } else if (name.startsWith('tables/')) {
      const table = tableOf(name)
      const rows = (await text(entry as unknown as Readable)).split('\n')
      await insertRows(db, table, rows)
      counted.rows[table] = (counted.rows[table] ?? 0) + rows.length
    } else {
      await restoreFile(entry as unknown as Readable, name, target)
      counted.files += 1
    }
  }
  if (!manifest || !end) throw new AppError('unreadable_file', 'The backup has no end.')
  requireWhole(counted, end)
  await continueNumbering(db)
  // A backup of an older program is brought up to this one's schema with its rows in it.
  await migrate(target.database.pool)
  return manifest
}

/** The schema the backup was made with, which must be one this program knows. */
async function makeSchema(database: OpenDatabase, manifest: BackupManifest): Promise<void> {
  const known = knownMigrations()
  for (const { number, name, hash } of manifest.migrations) {
    const own = known.find((migration) => migration.number === number)
    if (own?.hash === hash) continue
    throw new AppError(
      'conflict',
      `The backup was made by a newer Bastide (${manifest.program}, schema ${name}). Restore it with that version.`,
    )
  }
  await migrate(database.pool, Math.max(0, ...manifest.migrations.map(({ number }) => number)))
}

function tableOf(name: string): string {
  const match = /^tables\/([a-z_]{1,60})\/\d{1,9}\.jsonl$/.exec(name)
  if (match) return match[1]!
  throw new AppError('unreadable_file', 'The backup names a table in a way that none is named.')
}

/** Names inside an archive are not trusted: only the stores a backup carries, and plain names. */
async function restoreFile(content: Readable, name: string, target: RestoreTarget): Promise<void> {
  const [first, ...parts] = name.split('/')
  const plain = parts.every((part) => /^[\w.-]{1,200}$/.test(part) && !/^\.+$/.test(part))
  const store = storeNames.find((one) => one === first)
  if (!plain || !store || parts.length === 0) {
    throw new AppError('unreadable_file', 'The backup holds a file in a place where none belongs.')
  }
  const file = await newUpload(join(target.dataFolder, store))
  await pipeline(content, createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }))
  await target.stores[store].put(parts.join('/'), file)
}

function requireWhole(counted: BackupEnd, end: BackupEnd): void {
  const short = Object.entries(end.rows).find(
    ([table, rows]) => (counted.rows[table] ?? 0) !== rows,
  )
  if (short || counted.files !== end.files) {
    throw new AppError('unreadable_file', 'The backup lacks rows or files that it says it has.')
  }
}
