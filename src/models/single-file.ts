/** The manifest of a package that is one file; nothing here needs Node, as the console makes it too. */
import { AppError } from '../errors.ts'
import type { Manifest } from './manifest.ts'

export interface SingleFile {
  /** The file's own name. */
  path: string
  sha256: string
  sizeBytes: number
  format: Manifest['files'][number]['format']
}

export interface PackageWish {
  /** Default: made from the file's name. */
  name?: string | undefined
  task?: string | undefined
  purpose?: string | undefined
  licence?: string | undefined
  maker?: string | undefined
  /** ISO 3166-1 alpha-2. */
  country?: string | undefined
  source?: Manifest['source']
}

/** Unchecked, as somebody asks for it: whoever registers it checks it. */
export function manifestOfFile(file: SingleFile, wish: PackageWish) {
  const { path, sha256, sizeBytes, format } = file
  const engine = format === 'gguf' ? 'llama' : format === 'onnx' ? 'onnx' : null
  if (!engine) {
    const what = format === 'other' ? 'of no known format' : format
    throw new AppError('invalid_request', `${path} is ${what}; .gguf and .onnx files can be run.`)
  }
  return {
    format: 'bastide-package-1',
    name: wish.name ?? nameFrom(path),
    version: sha256.slice(0, 12),
    engine,
    task: wish.task ?? (engine === 'llama' ? 'generate' : 'tensor'),
    files: [{ role: 'weights', path: basename(path), sha256, sizeBytes, format }],
    card: {
      purpose: wish.purpose ?? '',
      licence: wish.licence ?? 'unknown',
      origin: { maker: wish.maker ?? 'unknown', country: wish.country ?? 'unknown' },
    },
    ...(wish.source && { source: wish.source }),
  }
}

const basename = (path: string) => path.split('/').at(-1)!

function nameFrom(path: string): string {
  const name = basename(path)
    .toLowerCase()
    .replace(/\.(gguf|onnx)$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
  return name.slice(0, 100) || 'model'
}
