/**
 * Inputs that once broke something, kept so that they never do again: `corpus/<target>/<sha256>`. All of
 * them were made by the fuzzer from the seeds of its targets.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TargetName } from './target.ts'

const folderOf = (name: TargetName) => fileURLToPath(new URL(`corpus/${name}/`, import.meta.url))

export function corpusOf(name: TargetName): { name: string; bytes: Buffer }[] {
  const folder = folderOf(name)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((file) => ({ name: file, bytes: readFileSync(join(folder, file)) }))
}

/** Keeps an input; returns its name. */
export function keep(name: TargetName, bytes: Uint8Array): string {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  mkdirSync(folderOf(name), { recursive: true })
  writeFileSync(join(folderOf(name), hash), bytes)
  return hash
}
