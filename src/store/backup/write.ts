/** Writes a backup of a running installation. */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import type { Database, OpenDatabase } from '../database.ts'
import { appliedMigrations } from '../migrate.ts'
import { sealStream } from '../seal.ts'
import { type BackupEnd, type BackupManifest, backupFormat, fileFolders } from './format.ts'
import { readRows, tablesInOrder } from './tables.ts'

export interface BackupSource {
  database: OpenDatabase
  dataFolder: string
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
  for await (const { sizeBytes } of storedFiles(source.dataFolder)) bytes += sizeBytes
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
  for await (const file of storedFiles(source.dataFolder)) {
    signal.throwIfAborted()
    if (await addFile(archive, file)) end.files += 1
  }
  await add(archive, 'end.json', JSON.stringify(end))
}

interface StoredFile {
  path: string
  /** Relative to the data folder, with forward slashes. */
  name: string
  sizeBytes: number
}

async function* storedFiles(dataFolder: string): AsyncGenerator<StoredFile> {
  for (const folder of fileFolders) {
    const root = join(dataFolder, folder)
    const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(ignoreAbsent)
    for (const entry of found ?? []) {
      const path = join(entry.parentPath, entry.name)
      const name = relative(dataFolder, path).replaceAll('\\', '/')
      // What is still being uploaded belongs to nobody yet.
      if (!entry.isFile() || name.startsWith(`${folder}/incoming/`)) continue
      const facts = await stat(path).catch(ignoreAbsent)
      if (facts) yield { path, name, sizeBytes: facts.size }
    }
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}

function add(archive: Pack, name: string, content: string): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry({ name }, content, (error) => (error ? reject(error) : resolve()))
  })
}

/** False when the file was erased meanwhile. */
async function addFile(archive: Pack, { path, name, sizeBytes }: StoredFile): Promise<boolean> {
  const content = createReadStream(path)
  const opened = await new Promise<boolean>((resolve, reject) => {
    content.once('open', () => resolve(true))
    content.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve(false) : reject(error),
    )
  })
  if (!opened) return false
  await new Promise<void>((resolve, reject) => {
    const entry = archive.entry({ name, size: sizeBytes }, (error) =>
      error ? reject(error) : resolve(),
    )
    pipeline(content, entry).catch(reject)
  })
  return true
}
