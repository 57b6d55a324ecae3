/** Where the bytes of an upload lie until they are whole; what becomes of those that never are. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '../ids.ts'

const staleMs = 24 * 3_600_000

/** The folder, of the one that things are uploaded to, where unfinished ones lie. */
export const incomingFolder = 'incoming'

/** The path for a new upload's bytes, on the same file system as `folder`, so that they can be moved. */
export async function newUpload(folder: string): Promise<string> {
  const incoming = join(folder, incomingFolder)
  await mkdir(incoming, { recursive: true, mode: 0o700 })
  return join(incoming, newId('upload'))
}

/**
 * Removes what uploads left behind whose process was killed. Only what is a day old: a folder that
 * several servers share may hold uploads of theirs that go on.
 */
export async function discardStaleUploads(folder: string): Promise<void> {
  const incoming = join(folder, incomingFolder)
  await mkdir(incoming, { recursive: true, mode: 0o700 })
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name)
    const changedAt = await stat(path).then(
      (stats) => stats.mtimeMs,
      // Another server ended it meanwhile.
      () => Number.POSITIVE_INFINITY,
    )
    if (Date.now() - changedAt > staleMs) await rm(path, { force: true })
  }
}
