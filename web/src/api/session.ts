import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiError, request } from './client.ts'

export interface Session {
  organisation: { id: string; name: string }
  workspace: { id: string; name: string }
  /** Where a member may go on; empty for keys. */
  workspaces: { id: string; name: string; role: string }[]
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
    // Another role, or none any more, changes which pages there are.
    refetchInterval: 15_000,
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

/** Identity providers one can sign in with. */
export function useProviders() {
  return useQuery({
    queryKey: ['sign-in'],
    queryFn: ({ signal }) =>
      request<{ data: { id: string; name: string }[] }>('/v1/sign-in', { signal }),
    select: ({ data }) => data,
    staleTime: 60_000,
  })
}

/** Where the browser goes to sign in with a provider; it comes back to the page it wanted. */
export function signInAddress(provider: string): string {
  const { pathname, search } = window.location
  const wanted = pathname === '/sign-in' ? '/' : pathname + search
  return `/v1/sign-in/begin/${provider}?${new URLSearchParams({ return_to: wanted })}`
}

const refusedCookie = 'bastide_sign_in_refused'

/** Why the last sign-in with a provider was refused, told once. */
export function takeRefusal(): string | null {
  const told = document.cookie.split('; ').find((one) => one.startsWith(`${refusedCookie}=`))
  if (!told) return null
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
  document.cookie = `${refusedCookie}=; Path=/; Max-Age=0`
  return decodeURIComponent(told.slice(refusedCookie.length + 1))
}

/** Goes on in another workspace, forgetting everything read in this one. */
export function useMove() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (workspace: string) =>
      request<Session>('/v1/session', { method: 'PATCH', body: { workspace } }),
    onSuccess: (session) => {
      client.clear()
      client.setQueryData(sessionKey, session)
    },
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
