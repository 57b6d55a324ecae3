import { call, useChange, useList } from './queries.ts'

export interface Alias {
  name: string
  package: string
  package_name: string | null
  updated_at: string
  updated_by: string
}

export interface AliasMove {
  package: string
  package_name: string | null
  at: string
  by: string
  action: 'promote' | 'rollback'
  note: string | null
}

/** Where an alias points after a move. */
type AliasTarget = Pick<Alias, 'name' | 'package'>

const pathOf = (name: string) => `/v1/aliases/${encodeURIComponent(name)}`

export const useAliases = () => useList<Alias>('aliases', '/v1/aliases')

/** The moves of an alias, newest first. */
export const useAliasHistory = (name: string) =>
  useList<AliasMove>(['aliases', name, 'history'], `${pathOf(name)}/history`)

const moved = ['aliases', 'packages', 'models']

export const usePromoteAlias = () =>
  useChange(moved, (move: { name: string; package: string; note?: string; from?: string }) =>
    call<AliasTarget>('PUT', pathOf(move.name), {
      package: move.package,
      ...(move.note ? { note: move.note } : {}),
      ...(move.from ? { from: move.from } : {}),
    }),
  )

export const useRollbackAlias = () =>
  useChange(moved, (move: { name: string; from: string }) =>
    call<AliasTarget>('POST', `${pathOf(move.name)}/rollback?from=${move.from}`),
  )
