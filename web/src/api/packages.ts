import { useList } from './queries.ts'

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
