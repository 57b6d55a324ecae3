/** Finds Tesseract's trained data on disk; nothing is ever downloaded. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
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

/** The files for the wanted languages, in order; refuses those that are not installed. */
export function languageFiles(
  wanted: readonly string[],
  installed: ReadonlyMap<string, string>,
): Record<string, string> {
  const files: Record<string, string> = {}
  for (const language of wanted) {
    const path = installed.get(language)
    if (!path) {
      const list = [...installed.keys()].join(', ') || 'none'
      throw new AppError(
        'invalid_request',
        `The language "${language.slice(0, 20)}" is not installed. Installed: ${list}.`,
        { param: 'languages' },
      )
    }
    files[language] = path
  }
  return files
}
