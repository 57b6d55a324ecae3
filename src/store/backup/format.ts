/**
 * A backup is one file: a tar archive sealed under a key that is made from the installation's master
 * key, so that it opens only where the master key is, and shows any change or missing end.
 *
 *   manifest.json                 what it is, and the schema it was made with
 *   tables/<name>/<part>.jsonl    rows as JSON, in an order that foreign keys allow
 *   blobs/…, models/…             what the two stores hold, wherever they are
 *   end.json                      how many rows and files there must be
 */
import { z } from 'zod'

export const backupFormat = 'bastide-backup-1'

export const manifestSchema = z.object({
  format: z.literal(backupFormat),
  program: z.string(),
  createdAt: z.string(),
  migrations: z.array(z.object({ number: z.number().int(), name: z.string(), hash: z.string() })),
})
export type BackupManifest = z.infer<typeof manifestSchema>

export const endSchema = z.object({
  rows: z.record(z.string(), z.number().int()),
  files: z.number().int(),
})
export type BackupEnd = z.infer<typeof endSchema>

/** Stores whose objects a backup carries, each under its name. */
export const storeNames = ['blobs', 'models'] as const

/** Tables that are not carried: sign-ins end with a move, and the schema is made by migrating. */
export const leftOut: ReadonlySet<string> = new Set([
  'sessions',
  'client_sessions',
  'sign_ins',
  'migrations',
])
