/** `bastide backup FILE` and `bastide restore FILE`. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createBooking } from '../assurance/booking.ts'
import { createEgressBook } from '../assurance/egress-book.ts'
import { systemClock } from '../clock.ts'
import { type Config, loadConfig } from '../config.ts'
import { createEgress, type EgressAttempt } from '../egress.ts'
import { AppError } from '../errors.ts'
import { createLog } from '../log.ts'
import { checkBackup, restoreBackup } from '../store/backup/restore.ts'
import { lockDataFolder } from '../store/data-folder.ts'
import { openDatabase } from '../store/database.ts'
import { backupKeyOf } from '../store/keyring.ts'
import { openStores, storeRules } from '../store/objects/stores.ts'
import { type ClientOptions, openClient } from './client.ts'
import { printJson, printLine } from './print.ts'
import { mebibyte, megabyteBar, saveAnswer } from './transfer.ts'

export async function backup(path: string, options: ClientOptions): Promise<void> {
  if (existsSync(path)) throw new AppError('conflict', `${path} exists; name another file.`)
  const response = await openClient(options).fetch('POST', '/v1/backups')
  const bytes = await saveAnswer(response, path, 'Backing up', options.json)
  if (options.json) return printJson({ file: path, size_bytes: bytes })
  printLine(`Backed up ${(bytes / mebibyte).toFixed(1)} MB to ${path}.`)
  printLine('It opens only with the master key of this installation: keep that apart from it.')
}

export interface RestoreOptions {
  data?: string
  json?: boolean
  masterKey?: string
}

export async function restore(path: string, options: RestoreOptions): Promise<void> {
  if (!existsSync(path)) throw new AppError('invalid_request', `There is no file ${path}.`)
  const config = loadConfig(options.data ? { dataFolder: options.data } : {})
  const lock = lockDataFolder(config.dataFolder)
  try {
    await placeMasterKey(config, options.masterKey)
    await checkBackup(path, backupKeyOf(config))
    const manifest = await restoreInto(config, path, options.json)
    if (options.json) return printJson({ restored: path, made_at: manifest.createdAt })
    printLine(`Restored the installation as it was at ${manifest.createdAt}.`)
    printLine('Its keys are valid here too. Start it with ./bastide up.')
  } finally {
    lock.release()
  }
}

/** A restore never makes a master key: a new one opens nothing. */
async function placeMasterKey(config: Config, from: string | undefined): Promise<void> {
  const own = join(config.dataFolder, 'master.key')
  if (from && !config.masterKey && !existsSync(own)) {
    await mkdir(config.dataFolder, { recursive: true, mode: 0o700 })
    writeFileSync(own, readFileSync(from), { mode: 0o600, flag: 'wx' })
  }
  if (config.masterKey || existsSync(own)) return
  throw new AppError(
    'invalid_request',
    'The backup opens only with the master key it was made under: name its file with --master-key FILE, or set BASTIDE_MASTER_KEY.',
  )
}

async function restoreInto(config: Config, path: string, json: boolean | undefined) {
  const log = createLog(config.logLevel)
  const database = await openDatabase({
    url: config.databaseUrl,
    folder: join(config.dataFolder, 'database'),
    poolSize: config.databasePoolSize,
    log,
  })
  const attempts: EgressAttempt[] = []
  const egress = createEgress({
    rules: () => storeRules(config),
    record: (attempt) => void attempts.push(attempt),
  })
  const bar = megabyteBar('Restoring', statSync(path).size, json)
  try {
    const manifest = await restoreBackup(path, {
      database,
      stores: openStores(config, egress),
      dataFolder: config.dataFolder,
      key: backupKeyOf(config),
      progress: bar.update,
    })
    const { db } = database
    const booking = createBooking({ db, clock: systemClock, journal: null, log })
    const organisations = await database.db.selectFrom('organisations').select('id').execute()
    for (const { id } of organisations) {
      await booking.book({
        organisationId: id,
        workspaceId: null,
        kind: 'backup.restore',
        actor: { kind: 'system', id: 'restore' },
        outcome: 'ok',
        details: { made_at: manifest.createdAt, program: manifest.program },
      })
    }
    // Only now there is a book to write into.
    const book = createEgressBook(database.db, booking)
    for (const attempt of attempts) await book.record(attempt)
    await book.flush()
    return manifest
  } finally {
    bar.stop()
    await egress.close()
    await database.close()
  }
}
