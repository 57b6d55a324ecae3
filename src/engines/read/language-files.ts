/** Finds Tesseract's trained data on disk; nothing is ever downloaded. */
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors.ts'

/** Where the npm packages with trained data are. */
export const defaultLanguageFolder = fileURLToPath(
  new URL('../../../node_modules/@tesseract.js-data', import.meta.url),
)

/**
 * Paths by ISO 639-3 code. A folder holds `<code>.traineddata[.gz]` files, or one folder per
 * language in the layout of the npm packages, of which the better `best_int` data is taken.
 */
export function findLanguages(folder: string): Map<string, string> {
  const found = new Map<string, string>()
  if (!existsSync(folder)) return found
  for (const name of readdirSync(folder).sort()) {
    const file = /^([a-z_]{3,20})\.traineddata(\.gz)?$/i.exec(name)
    if (file) found.set(file[1]!, join(folder, name))
    const packaged = join(folder, name, '4.0.0_best_int', `${name}.traineddata.gz`)
    if (existsSync(packaged)) found.set(name, packaged)
  }
  return found
}

/** Refuses languages that are not installed. */
export function requireLanguages(
  wanted: readonly string[],
  installed: ReadonlyMap<string, string>,
): void {
  const missing = wanted.find((language) => !installed.has(language))
  if (missing === undefined) return
  const list = [...installed.keys()].join(', ') || 'none'
  throw new AppError(
    'invalid_request',
    `The language "${missing.slice(0, 20)}" is not installed. Installed: ${list}.`,
    { param: 'languages' },
  )
}

/**
 * Tesseract takes one folder for all languages: links to their files, made here because the reading
 * processes write nothing. Whoever asked for the folder removes it; those of servers that were killed are
 * removed here.
 */
export function linkLanguages(installed: ReadonlyMap<string, string>): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${linkFolder}(\\d+)-`).exec(name)?.[1]
    if (pid && !isRunning(Number(pid)))
      rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
  const folder = mkdtempSync(join(tmpdir(), `${linkFolder}${process.pid}-`))
  for (const [code, path] of installed) {
    // The name says .gz whatever the file is: the library tells by its content.
    symlinkSync(resolve(path), join(folder, `${code}.traineddata.gz`))
  }
  return folder
}

const linkFolder = 'bastide-languages-'

/** Also where it is somebody else's, whose folder is not ours to remove. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
