/**
 * Users and groups in the words of SCIM 2.0 (RFC 7643), and back. What a directory sends beside what is
 * kept here is accepted and left out.
 */
import { z } from 'zod'
import type {
  DirectoryGroup,
  DirectoryUser,
  GroupFacts,
  UserFacts,
} from '../../access/identity/directory.ts'

export const schemas = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  providerConfig: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  resourceType: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
} as const

const textOrNull = z.string().trim().max(320).nullish()
/** One directory sends booleans as words. */
const truth = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })])

export const userShape = z.looseObject({
  userName: z.string().trim().min(1).max(320),
  externalId: textOrNull,
  displayName: textOrNull,
  name: z
    .looseObject({ formatted: textOrNull, givenName: textOrNull, familyName: textOrNull })
    .nullish(),
  emails: z
    .array(z.looseObject({ value: z.string().max(320), primary: truth.optional() }))
    .nullish(),
  active: truth.optional(),
})

export const groupShape = z.looseObject({
  displayName: z.string().trim().min(1).max(200),
  externalId: textOrNull,
  members: z
    .array(z.looseObject({ value: z.string().max(100) }))
    .max(50_000)
    .nullish(),
})

export const patchShape = z.looseObject({
  Operations: z
    .array(z.looseObject({ op: z.string().max(20), path: z.string().max(500).optional() }))
    .min(1)
    .max(1000),
})

export function userFacts(user: z.infer<typeof userShape>): UserFacts {
  const { name, emails } = user
  const whole = [name?.givenName, name?.familyName].filter(Boolean).join(' ')
  const email = emails?.find((one) => one.primary === true)?.value ?? emails?.[0]?.value
  return {
    userName: user.userName,
    externalId: user.externalId || null,
    name: (user.displayName || name?.formatted || whole || user.userName).slice(0, 200),
    email: email || (user.userName.includes('@') ? user.userName : null),
    active: user.active,
  }
}

export function groupFacts(group: z.infer<typeof groupShape>): GroupFacts {
  return {
    name: group.displayName,
    externalId: group.externalId || null,
    memberIds: group.members?.map(({ value }) => value) ?? [],
  }
}

export function userResource(
  user: DirectoryUser,
  groups: readonly { id: string; name: string }[],
  origin: string,
) {
  return {
    schemas: [schemas.user],
    id: user.id,
    ...(user.external_id && { externalId: user.external_id }),
    userName: user.user_name ?? user.email ?? user.id,
    displayName: user.name,
    name: { formatted: user.name },
    active: user.suspended_at === null,
    emails: user.email ? [{ value: user.email, type: 'work', primary: true }] : [],
    groups: groups.map(({ id, name }) => ({ value: id, display: name })),
    meta: meta('User', 'Users', user, origin),
  }
}

export function groupResource(group: DirectoryGroup, origin: string) {
  return {
    schemas: [schemas.group],
    id: group.id,
    ...(group.external_id && { externalId: group.external_id }),
    displayName: group.name,
    members: group.members.map(({ id, name }) => ({ value: id, display: name })),
    meta: meta('Group', 'Groups', group, origin),
  }
}

function meta(
  resourceType: string,
  place: string,
  row: { id: string; created_at: Date; updated_at: Date },
  origin: string,
) {
  return {
    resourceType,
    created: row.created_at,
    lastModified: row.updated_at,
    location: `${origin}/scim/v2/${place}/${row.id}`,
  }
}

/** What this server can do (RFC 7643, section 5). */
export const serviceProviderConfig = {
  schemas: [schemas.providerConfig],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Service key',
      description: 'A key with the permission directory:provision, as a bearer token',
      primary: true,
    },
  ],
}

export const resourceTypes = [
  { name: 'User', endpoint: '/Users', schema: schemas.user },
  { name: 'Group', endpoint: '/Groups', schema: schemas.group },
].map((type) => ({ schemas: [schemas.resourceType], id: type.name, ...type }))
