/** Writes a backup of a running installation. */
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { AppError } from '../../errors.ts'
import type { Database, OpenDatabase } from '../database.ts'
import { appliedMigrations } from '../migrate.ts'
import type { Objects } from '../objects/objects.ts'
import type { Stores } from '../objects/stores.ts'
import { sealStream } from '../seal.ts'
import { type BackupEnd, type BackupManifest, backupFormat, storeNames } from './format.ts'
import { readRows, tablesInOrder } from './tables.ts'

export interface BackupSource {
  database: OpenDatabase
  stores: Stores
  key: Buffer
  /** The program's version. */
  program: string
  now: Date
}

/**
 * The sealed bytes. The rows are those of one moment; files are never changed once stored, and one
 * that is erased while the backup is made is left out, because erasing wins.
 */
export function writeBackup(source: BackupSource, signal: AbortSignal): Readable {
  const archive = pack()
  const sealed = sealStream(source.key)
  const output = new PassThrough()
  const fill = async () => {
    await source.database.snapshot((db) => fillArchive(archive, db, source, signal))
    archive.finalize()
  }
  fill().catch((error) => archive.destroy(error))
  pipeline(archive, sealed, output, { signal }).catch((error) => output.destroy(error))
  return output
}

/** Bytes of the files and about those of the rows; for a progress bar. */
export async function estimateBytes(source: BackupSource): Promise<number> {
  let bytes = 0
  for await (const { sizeBytes } of storedFiles(source.stores)) bytes += sizeBytes
  return bytes + (await source.database.sizeBytes())
}

async function fillArchive(
  archive: Pack,
  db: Database,
  source: BackupSource,
  signal: AbortSignal,
): Promise<void> {
  const manifest: BackupManifest = {
    format: backupFormat,
    program: source.program,
    createdAt: source.now.toISOString(),
    migrations: await appliedMigrations(db),
  }
  await add(archive, 'manifest.json', JSON.stringify(manifest))
  const end: BackupEnd = { rows: {}, files: 0 }
  for (const table of await tablesInOrder(db)) {
    end.rows[table] = 0
    let part = 0
    for await (const rows of readRows(db, table)) {
      signal.throwIfAborted()
      end.rows[table] += rows.length
      await add(archive, `tables/${table}/${part++}.jsonl`, rows.join('\n'))
    }
  }
  for await (const file of storedFiles(source.stores)) {
    signal.throwIfAborted()
    if (await addFile(archive, file)) end.files += 1
  }
  await add(archive, 'end.json', JSON.stringify(end))
}

interface StoredFile {
  store: Objects
  /** Its name in the store. */
  object: string
  /** Its name in the archive. */
  name: string
  sizeBytes: number
}

async function* storedFiles(stores: Stores): AsyncGenerator<StoredFile> {
  for (const storeName of storeNames) {
    const store = stores[storeName]
    for await (const { name, sizeBytes } of store.list()) {
      yield { store, object: name, name: `${storeName}/${name}`, sizeBytes }
    }
  }
}

function add(archive: Pack, name: string, content: string): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry({ name }, content, (error) => (error ? reject(error) : resolve()))
  })
}

/** False when the file was erased meanwhile. */
async function addFile(archive: Pack, file: StoredFile): Promise<boolean> {
  const content = await file.store.read(file.object).catch((error) => {
    if (error instanceof AppError && error.code === 'not_found') return null
    throw error
  })
  if (!content) return false
  await new Promise<void>((resolve, reject) => {
    const entry = archive.entry({ name: file.name, size: file.sizeBytes }, (error) =>
      error ? reject(error) : resolve(),
    )
    pipeline(content, entry).catch(reject)
  })
  return true
}
