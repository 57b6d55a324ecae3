import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiError, request } from './client.ts'

export interface Session {
  organisation: { id: string; name: string }
  workspace: { id: string; name: string }
  principal: {
    kind: 'key' | 'member'
    id: string
    name: string
    role: 'owner' | 'admin' | 'builder' | 'member' | 'auditor'
  }
  permissions: string[]
}

export const sessionKey = ['session'] as const

/** The session, or null when nobody is signed in. */
export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        return await request<Session>('/v1/session', { signal })
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null
        throw error
      }
    },
    staleTime: 60_000,
  })
}

export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (key: string) =>
      request<Session>('/v1/session', { method: 'POST', body: { key: key.trim() } }),
    onSuccess: (session) => client.setQueryData(sessionKey, session),
  })
}

/** Signs out and forgets everything the console has read: the next person starts from nothing. */
export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request<void>('/v1/session', { method: 'DELETE' }),
    onSuccess: () => {
      client.clear()
      client.setQueryData(sessionKey, null)
    },
  })
}

/** Whether the signed-in principal may do something; false while the session loads. */
export function usePermission(permission: string): boolean {
  const { data } = useSession()
  return data?.permissions.includes(permission) ?? false
}

/** Tells the signed-in principal by name; of others the console knows the id only. */
export function usePrincipalName(): (id: string) => string {
  const { data } = useSession()
  return (id) => (id === data?.principal.id ? data.principal.name : id)
}
