/**
 * A specialist's package as a folder: what is served, how it was made, how good it is, and the digest of
 * each file. It appears whole or not at all.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'

const digests = z.record(
  z.string(),
  z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), sizeBytes: z.number() }),
)
const listName = 'files.json'
/** What `bastide model import` reads. */
const manifestName = 'bastide.json'

/** Files that every package has. */
export const packageFiles = {
  contract: 'specialist.json',
  vocabulary: 'vocabulary.bin',
  weights: 'weights.onnx',
  recipe: 'recipe.json',
  evaluation: 'evaluation.json',
} as const

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const jsonBytes = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

/** Digest and size of each file by its name. */
export type Digests = Readonly<Record<string, { sha256: string; sizeBytes: number }>>

/** Files by name: bytes, or what is written as JSON. The manifest names them for the registry. */
export async function writePackage(
  folder: string,
  files: Readonly<Record<string, Uint8Array | object>>,
  manifest: (files: Digests) => object,
): Promise<void> {
  const building = `${folder}.building-${process.pid}`
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { recursive: true })
  const list: Record<string, Digests[string]> = {}
  for (const [name, content] of Object.entries(files)) {
    const bytes = content instanceof Uint8Array ? content : jsonBytes(content)
    list[name] = { sha256: sha256(bytes), sizeBytes: bytes.length }
    await writeFile(join(building, name), bytes)
  }
  await writeFile(join(building, listName), jsonBytes(list))
  await writeFile(join(building, manifestName), jsonBytes({ manifest: manifest(list) }))
  const before = `${folder}.before-${process.pid}`
  await mkdir(dirname(folder), { recursive: true })
  await rename(folder, before).catch(ignoreMissing)
  await rename(building, folder)
  await rm(before, { recursive: true, force: true })
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

export interface Package {
  folder: string
  bytes(name: string): Uint8Array
  json<T>(name: string, schema: z.ZodType<T>): T
  /** Of all files together. */
  sizeBytes: number
}

/** Reads a package; a file that is missing or was changed is named. */
export async function readPackage(folder: string): Promise<Package> {
  const refuse = (why: string, cause?: unknown) =>
    new AppError('unreadable_file', `The package ${folder} is not used: ${why}.`, { cause })
  const read = async (name: string) => {
    try {
      return await readFile(join(folder, name))
    } catch (cause) {
      throw refuse(`${name} is missing or may not be read`, cause)
    }
  }
  const list = digests.safeParse(parse(await read(listName)))
  if (!list.success) throw refuse(`${listName} is not what it was`)
  const files = new Map<string, Buffer>()
  for (const [name, { sha256: digest }] of Object.entries(list.data)) {
    if (name.includes('/') || name.includes('\\')) throw refuse(`it names the file "${name}"`)
    const bytes = await read(name)
    if (sha256(bytes) !== digest) throw refuse(`${name} was changed after it was made`)
    files.set(name, bytes)
  }
  const bytes = (name: string) => {
    const found = files.get(name)
    if (!found) throw refuse(`it has no ${name}`)
    return found
  }
  return {
    folder,
    bytes,
    json(name, schema) {
      const result = schema.safeParse(parse(bytes(name)))
      if (!result.success) throw refuse(`${name} does not hold what it should`, result.error)
      return result.data
    },
    sizeBytes: [...files.values()].reduce((sum, file) => sum + file.length, 0),
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
