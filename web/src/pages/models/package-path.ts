export const packagesPath = '/models/packages'
export const packagePath = (hash: string) => `${packagesPath}/${encodeURIComponent(hash)}`

/** The first characters of a content hash, enough to tell packages apart by eye. */
export function shortHash(hash: string): string {
  return hash.replace(/^sha256:/, '').slice(0, 12)
}
