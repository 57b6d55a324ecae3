/** Objects as files of a folder. */
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { AppError } from '../../errors.ts'
import { incomingFolder } from '../uploads.ts'
import type { Objects } from './objects.ts'

export function folderObjects(root: string): Objects {
  const pathOf = (name: string) => join(root, ...name.split('/'))

  return {
    async put(name, file) {
      const path = pathOf(name)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await rename(file, path)
      await syncFolder(dirname(path))
    },

    async read(name) {
      const source = createReadStream(pathOf(name))
      await new Promise<void>((opened, failed) => {
        source.once('open', () => opened())
        source.once('error', (error: NodeJS.ErrnoException) =>
          failed(error.code === 'ENOENT' ? missing(error) : error),
        )
      })
      return source
    },

    async remove(name) {
      await rm(pathOf(name), { force: true })
    },

    async removeAll(folder) {
      await rm(pathOf(folder), { recursive: true, force: true })
    },

    async *list() {
      const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(ifPresent)
      for (const entry of found ?? []) {
        const path = join(entry.parentPath, entry.name)
        const name = relative(root, path).replaceAll('\\', '/')
        // What is still being uploaded belongs to nobody yet.
        if (!entry.isFile() || name.startsWith(`${incomingFolder}/`)) continue
        const facts = await stat(path).catch(ifPresent)
        if (facts) yield { name, sizeBytes: facts.size }
      }
    },
  }
}

export function missing(cause: unknown): AppError {
  return new AppError('not_found', 'The stored file is missing from the blob store.', { cause })
}

function ifPresent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}

/** Makes a rename or a new file survive a power cut: the folder's entry must reach the disk too. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
