import { useQuery } from '@tanstack/react-query'
import { call, reading, useChange, useList } from './queries.ts'

export interface Signer {
  fingerprint: string
  name: string
  public_key: string
  /** This installation's own key. */
  own: boolean
}

export interface LoadPolicy {
  signatures: 'unsigned-allowed' | 'own-only' | 'listed-signers'
  /** Comma-separated, or `*`. */
  licences: string
  origins: string
  formats: string
}

export const useSigners = () => useList<Signer>('signers', '/v1/signers')

export const useAddSigner = () =>
  useChange(['signers', 'packages', 'models'], (body: { name: string; public_key: string }) =>
    call<Signer>('POST', '/v1/signers', body),
  )

export const useLoadPolicy = () =>
  useQuery({ ...reading<LoadPolicy>('/v1/load-policy'), queryKey: ['load-policy'] })

/** A secret that imports and remote models name; it cannot be read back. */
export const useSetSecret = () =>
  useChange([], ({ name, value }: { name: string; value: string }) =>
    call<void>('PUT', `/v1/secrets/${encodeURIComponent(name)}`, { value }),
  )
