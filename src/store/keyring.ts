/**
 * Keys for data at rest. A master key (file or environment) wraps one data key per workspace, or per
 * subject such as a case; destroying a data key erases everything sealed under it, wherever copies
 * lie. Only this file sees the master key.
 */
import { createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createFreshness } from '../freshness.ts'
import { newId } from '../ids.ts'
import { anyOf, type Database, type DatabaseTransaction, isUniqueViolation } from './database.ts'
import { seal, unseal } from './seal.ts'

export interface DataKey {
  id: string
  /** Encrypts content. */
  encryption: Buffer
  /** Makes keyed digests: addresses of blobs, fingerprints of texts in the audit log. */
  digest(bytes: Uint8Array | string): string
  /** Signs what only this server may have written, e.g. a link. Under a key of its own: digests of
   * texts that users choose are shown to them. */
  signature(text: string): Buffer
  /** An incremental form of `digest` for streams. */
  digester(): ReturnType<typeof createHmac>
}

export interface Keyring {
  /**
   * The key of a workspace, or of one subject in it; made at first use. `not_found` once erased, within
   * two seconds also where another server erased it. Not inside a transaction.
   */
  dataKey(workspaceId: string, subject?: string): Promise<DataKey>
  /** Destroys keys of subjects; what they sealed is unreadable from then on. Returns the keys' ids. */
  destroy(
    transaction: DatabaseTransaction,
    workspaceId: string,
    subjects: readonly string[],
  ): Promise<string[]>
  /** Destroys all keys of a workspace; returns their ids. */
  destroyAll(transaction: DatabaseTransaction, workspaceId: string): Promise<string[]>
  /** Keeps a secret; in the caller's transaction where one is given. */
  sealSecret(name: string, plaintext: Uint8Array, handle?: Database): Promise<void>
  openSecret(name: string): Promise<Buffer | null>
  /** In the caller's transaction where one is given. */
  removeSecret(name: string, handle?: Database): Promise<void>
  /** Seals backups of the installation; whoever restores one needs the master key. */
  backupKey(): Buffer
}

/** The key a backup is sealed with, from a master key given as base64 of 32 bytes, or its file. */
export function backupKeyOf(options: Pick<KeyringOptions, 'dataFolder' | 'masterKey'>): Buffer {
  return deriveBackupKey(readMasterKey(options.dataFolder, options.masterKey))
}

function deriveBackupKey(master: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', 'bastide backup', 32))
}

const wholeWorkspace = ''

export interface KeyringOptions {
  db: Database
  dataFolder: string
  /** Base64 of 32 bytes, or '' to use the file. */
  masterKey: string
  clock: Pick<Clock, 'monotonic'>
}

export function createKeyring({ db, dataFolder, masterKey, clock }: KeyringOptions): Keyring {
  const master = readMasterKey(dataFolder, masterKey)
  const known = createFreshness<DataKey>(clock)

  async function load(workspaceId: string, subject: string): Promise<DataKey | null> {
    const row = await db
      .selectFrom('data_keys')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('subject', '=', subject)
      .executeTakeFirst()
    if (!row) return null
    if (!row.wrapped) {
      throw new AppError('not_found', 'This data was erased: its key has been destroyed.')
    }
    return dataKeyFrom(row.id, unseal(master, row.wrapped, `data-key:${row.id}`))
  }

  async function make(workspaceId: string, subject: string): Promise<DataKey> {
    const id = newId('dk')
    const bytes = randomBytes(32)
    try {
      const wrapped = seal(master, bytes, `data-key:${id}`)
      const values = { id, workspace_id: workspaceId, subject, wrapped }
      await db.insertInto('data_keys').values(values).execute()
      return dataKeyFrom(id, bytes)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      return (await load(workspaceId, subject))!
    }
  }

  const living = (transaction: DatabaseTransaction, workspaceId: string) =>
    transaction
      .updateTable('data_keys')
      .set({ wrapped: null, destroyed_at: new Date() })
      .where('workspace_id', '=', workspaceId)
      .where('wrapped', 'is not', null)

  async function destroyed(keys: ReturnType<typeof living>): Promise<string[]> {
    const rows = await keys.returning('id').execute()
    known.forget()
    return rows.map(({ id }) => id)
  }

  return {
    dataKey(workspaceId, subject = wholeWorkspace) {
      const find = async () =>
        (await load(workspaceId, subject)) ?? (await make(workspaceId, subject))
      return known.get(`${workspaceId}/${subject}`, find)
    },

    async destroy(transaction, workspaceId, subjects) {
      if (subjects.length === 0) return []
      return destroyed(living(transaction, workspaceId).where('subject', '=', anyOf(subjects)))
    },

    async destroyAll(transaction, workspaceId) {
      return destroyed(living(transaction, workspaceId))
    },

    async sealSecret(name, plaintext, handle = db) {
      const sealed = seal(master, plaintext, `secret:${name}`)
      await handle
        .insertInto('secrets')
        .values({ name, sealed })
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet({ sealed, updated_at: new Date() }),
        )
        .execute()
    },

    async openSecret(name) {
      const row = await db
        .selectFrom('secrets')
        .select('sealed')
        .where('name', '=', name)
        .executeTakeFirst()
      return row ? unseal(master, row.sealed, `secret:${name}`) : null
    },

    backupKey: () => deriveBackupKey(master),

    async removeSecret(name, handle = db) {
      await handle.deleteFrom('secrets').where('name', '=', name).execute()
    },
  }
}

/** The data key that 32 secret bytes make. */
export function dataKeyFrom(id: string, bytes: Buffer): DataKey {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', bytes, '', purpose, 32))
  // A key object is made once; a buffer would be wrapped anew for each digest.
  const digestKey = createSecretKey(derive('bastide digest'))
  const signingKey = createSecretKey(derive('bastide signature'))
  return {
    id,
    encryption: derive('bastide encryption'),
    signature: (text) => createHmac('sha256', signingKey).update(text).digest(),
    digest: (content) => createHmac('sha256', digestKey).update(content).digest('hex'),
    digester: () => createHmac('sha256', digestKey),
  }
}

/** 32 bytes from the environment, or from the file, which is made at first start. */
function readMasterKey(dataFolder: string, fromEnvironment: string): Buffer {
  const path = join(dataFolder, 'master.key')
  let text = fromEnvironment
  if (!text) {
    if (!existsSync(path)) {
      writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
    }
    text = readFileSync(path, 'utf8').trim()
  }
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== 32) {
    const where = fromEnvironment ? 'BASTIDE_MASTER_KEY' : path
    throw new AppError(
      'invalid_request',
      `The master key in ${where} is not base64 of 32 bytes. Make one with: openssl rand -base64 32`,
    )
  }
  return bytes
}
