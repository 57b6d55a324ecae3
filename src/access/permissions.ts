/** Who may do what. One table; every route names one permission of it. */
import type { Role } from '../store/schema.ts'

export const permissions = [
  'inference:use',
  'client-sessions:create',
  'files:read',
  'files:write',
  'documents:read',
  'documents:write',
  'overview:read',
  'usage:read',
  'models:read',
  'models:write',
  'aliases:write',
  'audit:read',
  'audit:verify',
  'audit:anchor',
  'limits:read',
  'limits:write',
  'keys:read',
  'keys:write',
  'members:read',
  'members:write',
  'webhooks:read',
  'webhooks:write',
  'retention:read',
  'retention:write',
  'identity:read',
  'identity:write',
  'directory:provision',
  'egress:read',
  'egress:write',
  'secrets:write',
  'workspaces:read',
  'workspaces:write',
  'backups:create',
] as const

export type Permission = (typeof permissions)[number]

const work: Permission[] = [
  'inference:use',
  'client-sessions:create',
  'files:read',
  'files:write',
  'documents:read',
  'documents:write',
  'overview:read',
  'usage:read',
  'models:read',
  'limits:read',
]

const inspect: Permission[] = [
  'overview:read',
  'usage:read',
  'models:read',
  'audit:read',
  'audit:verify',
  'audit:anchor',
  'limits:read',
  'keys:read',
  'members:read',
  'webhooks:read',
  'retention:read',
  'identity:read',
  'egress:read',
  'workspaces:read',
]

const administer: Permission[] = [
  ...work,
  ...inspect,
  'models:write',
  'aliases:write',
  'limits:write',
  'keys:write',
  'members:write',
  'webhooks:write',
  'retention:write',
  'egress:write',
  'secrets:write',
]

/** Role -> permissions. `auditor` sees everything and changes nothing, but may vouch for the audit chain. */
export const rolePermissions: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(permissions),
  admin: new Set(administer),
  builder: new Set([...work, 'models:write', 'aliases:write']),
  member: new Set(work),
  auditor: new Set(inspect),
}

/**
 * What concerns the whole organisation, not one workspace. A role has these in the organisation's home
 * workspace only: an owner of another one must not decide for the rest.
 */
export const organisationWide: ReadonlySet<Permission> = new Set<Permission>([
  'audit:verify',
  'audit:anchor',
  'egress:read',
  'egress:write',
  'identity:read',
  'identity:write',
  'directory:provision',
  'secrets:write',
  'workspaces:read',
  'workspaces:write',
  'backups:create',
])

/** What a role allows in a workspace. */
export function permissionsOf(role: Role, isHome: boolean): ReadonlySet<Permission> {
  const allowed = rolePermissions[role]
  return isHome ? allowed : allowed.difference(organisationWide)
}

export const roles = Object.keys(rolePermissions) as Role[]

export function isPermission(value: string): value is Permission {
  return (permissions as readonly string[]).includes(value)
}
