import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from './client.ts'

export const roles = ['owner', 'admin', 'builder', 'member', 'auditor'] as const
export type Role = (typeof roles)[number]

export interface Member {
  id: string
  name: string
  email: string | null
  role: Role
  state: 'active' | 'suspended'
  created_at: string
}

export interface Key {
  id: string
  name: string
  prefix: string
  role: Role
  scopes: string[]
  member: string | null
  state: 'active' | 'expired' | 'revoked'
  created_at: string
  expires_at: string | null
  last_used_at: string | null
  rotated_to: string | null
}

/** A key that was made just now: the only answer that holds its secret. */
export type MadeKey = Key & { key: string }

export interface OpenSession {
  id: string
  key_name: string
  member_name: string | null
  provider: string | null
  created_at: string
  expires_at: string
}

export interface IdentityProvider {
  id: string
  name: string
  issuer: string
  client_id: string
  groups_claim: string
  link_by_email: boolean
}

export interface GroupRole {
  group: string
  workspace: string
  role: Role
}

function useList<T>(name: string, path: string, enabled = true) {
  return useQuery({
    queryKey: [name],
    queryFn: ({ signal }) => request<{ data: T[] }>(path, { signal }),
    select: (answer) => answer.data,
    enabled,
  })
}

/** A change after which the named lists are read anew. */
function useChange<Variables, Answer>(
  lists: string[],
  mutationFn: (variables: Variables) => Promise<Answer>,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: () =>
      Promise.all(lists.map((name) => client.invalidateQueries({ queryKey: [name] }))),
  })
}

export const useMembers = () => useList<Member>('members', '/v1/members')
export const useKeys = () => useList<Key>('keys', '/v1/keys')
export const useOpenSessions = () => useList<OpenSession>('sessions', '/v1/sessions')
export const useGroupRoles = () => useList<GroupRole>('group-roles', '/v1/group-roles')
export const useWorkspaces = () =>
  useList<{ id: string; name: string }>('workspaces', '/v1/workspaces')
export const useIdentityProviders = () =>
  useList<IdentityProvider>('identity-providers', '/v1/identity-providers')

export const useAddMember = () =>
  useChange(['members'], (body: { name: string; email?: string; role: Role }) =>
    request<Member>('/v1/members', { method: 'POST', body }),
  )

export const useChangeMember = () =>
  useChange(
    ['members', 'sessions'],
    ({ id, ...body }: { id: string; role?: Role; state?: Member['state'] }) =>
      request<Member>(`/v1/members/${id}`, { method: 'PATCH', body }),
  )

export const useRemoveMember = () =>
  useChange(['members', 'keys', 'sessions'], (id: string) =>
    request<void>(`/v1/members/${id}`, { method: 'DELETE' }),
  )

export interface NewKey {
  name: string
  role: Role
  member?: string
  expires_in_days?: number
}

export const useMakeKey = () =>
  useChange(['keys'], (body: NewKey) => request<MadeKey>('/v1/keys', { method: 'POST', body }))

export const useRotateKey = () =>
  useChange(['keys'], ({ id, hours }: { id: string; hours: number }) =>
    request<MadeKey>(`/v1/keys/${id}/rotate`, { method: 'POST', body: { overlap_hours: hours } }),
  )

export const useRevokeKey = () =>
  useChange(['keys', 'sessions'], (id: string) =>
    request<Key>(`/v1/keys/${id}`, { method: 'DELETE' }),
  )

export const useEndSession = () =>
  useChange(['sessions'], (id: string) => request<void>(`/v1/sessions/${id}`, { method: 'DELETE' }))

export const useSetGroupRole = () =>
  useChange(
    ['group-roles', 'members', 'sessions'],
    (body: { group: string; workspace?: string; role: Role | null }) =>
      request<{ members_changed: number }>('/v1/group-roles', { method: 'PUT', body }),
  )

export interface NewProvider {
  name: string
  issuer: string
  client_id: string
  client_secret?: string
  scopes?: string
  groups_claim: string
  link_by_email: boolean
}

export const useAddProvider = () =>
  useChange(['identity-providers', 'sign-in'], (body: NewProvider) =>
    request<IdentityProvider>('/v1/identity-providers', { method: 'POST', body }),
  )

export const useRemoveProvider = () =>
  useChange(['identity-providers', 'sign-in', 'sessions'], (id: string) =>
    request<void>(`/v1/identity-providers/${id}`, { method: 'DELETE' }),
  )
