import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from './client.ts'

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

export function useAliases() {
  return useQuery({
    queryKey: ['aliases'],
    queryFn: ({ signal }) => request<{ data: Alias[] }>('/v1/aliases', { signal }),
    select: (answer) => answer.data,
  })
}

/** The moves of an alias, newest first. */
export function useAliasHistory(name: string, enabled = true) {
  return useQuery({
    queryKey: ['aliases', name, 'history'],
    queryFn: ({ signal }) => request<{ data: AliasMove[] }>(`${pathOf(name)}/history`, { signal }),
    select: (answer) => answer.data,
    enabled,
  })
}

export function usePromoteAlias() {
  return useAliasMutation((move: { name: string; package: string; note?: string }) =>
    request<AliasTarget>(pathOf(move.name), {
      method: 'PUT',
      body: { package: move.package, ...(move.note ? { note: move.note } : {}) },
    }),
  )
}

export function useRollbackAlias() {
  return useAliasMutation((move: { name: string }) =>
    request<AliasTarget>(`${pathOf(move.name)}/rollback`, { method: 'POST' }),
  )
}

function useAliasMutation<Variables>(mutationFn: (variables: Variables) => Promise<AliasTarget>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: () =>
      Promise.all(
        ['aliases', 'packages', 'models'].map((name) =>
          client.invalidateQueries({ queryKey: [name] }),
        ),
      ),
  })
}
