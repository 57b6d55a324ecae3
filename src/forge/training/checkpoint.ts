/**
 * Where a training stands, in a file: written beside and moved into place once it is on the disk, so that there
 * is always a whole one. Form: length of the head (32 bits, little endian), the head as JSON, the stretches.
 */
import { createHash } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { Stretch } from '../tensor/weights.ts'

const headSchema = z.strictObject({
  /** Names what is trained: a checkpoint of something else is not gone on from. */
  training: z.string(),
  epoch: z.number().int().min(0),
  /** Batches of that epoch that are done. */
  batches: z.number().int().min(0),
  step: z.number().int().min(0),
  /** Best validation so far, and epochs without a better one. */
  best: z.number().nullable(),
  worse: z.number().int().min(0),
  sha256: z.string(),
})

export type Standing = Omit<z.infer<typeof headSchema>, 'training' | 'sha256'>

const bytesOf = ({ numbers }: Stretch) =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)

function digestOf(stretches: readonly Stretch[]): string {
  const hash = createHash('sha256')
  for (const stretch of stretches) hash.update(bytesOf(stretch))
  return hash.digest('hex')
}

export async function writeCheckpoint(
  path: string,
  training: string,
  standing: Standing,
  stretches: readonly Stretch[],
): Promise<void> {
  const head = Buffer.from(JSON.stringify({ training, ...standing, sha256: digestOf(stretches) }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const beside = `${path}.writing`
  const file = await open(beside, 'w', 0o600)
  try {
    await file.writev([length, head, ...stretches.map(bytesOf)])
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
}

/** Fills the stretches from a checkpoint of this training; null where there is none. */
export async function readCheckpoint(
  path: string,
  training: string,
  stretches: readonly Stretch[],
): Promise<Standing | null> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const head = headOf(bytes)
  if (head?.training !== training) return null
  let at = 4 + bytes.readUInt32LE(0)
  for (const stretch of stretches) {
    const own = bytesOf(stretch)
    own.set(bytes.subarray(at, at + own.length))
    at += own.length
  }
  if (at !== bytes.length || digestOf(stretches) !== head.sha256) {
    throw new AppError(
      'unreadable_file',
      `The checkpoint ${path} was changed. Remove it to train from the start.`,
    )
  }
  const { training: _, sha256: __, ...standing } = head
  return standing
}

function headOf(bytes: Buffer) {
  try {
    const length = bytes.readUInt32LE(0)
    return headSchema.parse(JSON.parse(bytes.subarray(4, 4 + length).toString()))
  } catch {
    return null
  }
}
