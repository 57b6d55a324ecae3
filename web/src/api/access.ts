import { call, useChange, useList } from './queries.ts'

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
  /** The one this browser is signed in with. */
  current: boolean
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

export const useMembers = (enabled = true) => useList<Member>('members', '/v1/members', { enabled })
export const useKeys = (enabled = true) => useList<Key>('keys', '/v1/keys', { enabled })
export const useOpenSessions = () => useList<OpenSession>('sessions', '/v1/sessions')
export const useGroupRoles = () => useList<GroupRole>('group-roles', '/v1/group-roles')
export const useWorkspaces = () =>
  useList<{ id: string; name: string }>('workspaces', '/v1/workspaces')
export const useIdentityProviders = (enabled = true) =>
  useList<IdentityProvider>('identity-providers', '/v1/identity-providers', { enabled })

export const useAddMember = () =>
  useChange(['members'], (body: { name: string; email?: string; role: Role }) =>
    call<Member>('POST', '/v1/members', body),
  )

export const useChangeMember = () =>
  useChange(
    ['members', 'sessions'],
    ({ id, ...body }: { id: string; role?: Role; state?: Member['state'] }) =>
      call<Member>('PATCH', `/v1/members/${id}`, body),
  )

export const useRemoveMember = () =>
  useChange(['members', 'keys', 'sessions'], (id: string) =>
    call<void>('DELETE', `/v1/members/${id}`),
  )

export interface NewKey {
  name: string
  role: Role
  member?: string
  expires_in_days?: number
}

export const useMakeKey = () =>
  useChange(['keys'], (body: NewKey) => call<MadeKey>('POST', '/v1/keys', body))

export const useRotateKey = () =>
  useChange(['keys'], ({ id, hours }: { id: string; hours: number }) =>
    call<MadeKey>('POST', `/v1/keys/${id}/rotate`, { overlap_hours: hours }),
  )

export const useRevokeKey = () =>
  useChange(['keys', 'sessions'], (id: string) => call<Key>('DELETE', `/v1/keys/${id}`))

export const useEndSession = () =>
  useChange(['sessions'], (id: string) => call<void>('DELETE', `/v1/sessions/${id}`))

export const useSetGroupRole = () =>
  useChange(
    ['group-roles', 'members', 'sessions'],
    (body: { group: string; workspace?: string; role: Role | null }) =>
      call<{ members_changed: number }>('PUT', '/v1/group-roles', body),
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
    call<IdentityProvider>('POST', '/v1/identity-providers', body),
  )

export const useRemoveProvider = () =>
  useChange(['identity-providers', 'sign-in', 'sessions'], (id: string) =>
    call<void>('DELETE', `/v1/identity-providers/${id}`),
  )
