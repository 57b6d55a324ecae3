import { call, useChange, useList } from './queries.ts'

export interface ModelPackage {
  hash: string
  name: string
  version: string
  engine: string
  task: string
  size_bytes: number
  created_at: string
  card: {
    purpose: string | null
    licence: string | null
    origin: { maker: string | null; country: string | null } | null
    training_data: string | null
    limits: string | null
  }
  signature: { key_fingerprint: string; signer: string | null; own: boolean } | null
  policy: { allowed: boolean; reason: string | null }
  aliases: string[]
  files: { path: string; sha256: string; size_bytes: number }[]
}

export const usePackages = () => useList<ModelPackage>('packages', '/v1/packages')

const changed = ['packages', 'aliases', 'models']
const pathOf = (hash: string) => `/v1/packages/${hash}`

export const useSignPackage = () =>
  useChange(changed, (hash: string) => call<ModelPackage>('POST', `${pathOf(hash)}/sign`))

export const useUnloadPackage = () =>
  useChange(['models', 'overview'], (hash: string) => call<void>('POST', `${pathOf(hash)}/unload`))

export const useRemovePackage = () =>
  useChange(changed, (hash: string) => call<void>('DELETE', pathOf(hash)))

/** What a bundle with one package is asked for with. */
export const bundleOf = (hash: string) =>
  call<Blob>('POST', '/v1/bundles/export', { models: [hash] })

/** What an installation says of a bundle it took in. */
export interface ImportedBundle {
  signer: { fingerprint: string; name: string | null }
  packages: {
    hash: string
    name: string
    version: string
    aliases: string[]
    policy: { allowed: boolean; reason: string | null }
  }[]
}
