/** Identity providers, and the roles their groups give. */

import { z } from 'zod'
import type { Authenticator } from '../../access/authenticate.ts'
import { type GroupRole, listGroupRoles, setGroupRole } from '../../access/identity/groups.ts'
import {
  addProvider,
  type IdentityProvider,
  listProviders,
  removeProvider,
} from '../../access/identity/providers.ts'
import { roles } from '../../access/permissions.ts'
import type { Database } from '../../store/database.ts'
import type { Keyring } from '../../store/keyring.ts'
import type { Role } from '../../store/schema.ts'
import type { Change, RecordChange } from '../change.ts'
import { byId, ids, listBody, pageOf, wholeList, wishOf } from '../paging.ts'
import { recordRoleChanges } from '../role-changes.ts'
import { type Route, route } from '../route.ts'
import { idParams, listAnswer } from '../shapes.ts'

export interface IdentityRouteParts {
  db: Database
  keyring: Keyring
  authenticator: Authenticator
  change: Change
  record: RecordChange
}

const groupName = z.string().trim().min(1).max(200)
const role = z.enum(roles as [Role, ...Role[]])

function providerBody(provider: IdentityProvider) {
  return {
    object: 'identity_provider',
    id: provider.id,
    name: provider.name,
    issuer: provider.issuer,
    client_id: provider.client_id,
    scopes: provider.scopes,
    groups_claim: provider.groups_claim,
    link_by_email: provider.link_by_email,
    created_at: provider.created_at,
  }
}

function groupRoleBody(given: GroupRole) {
  const { group_name: group, workspace_id: workspace } = given
  return { object: 'group_role', group, workspace, role: given.role, created_at: given.created_at }
}

export function identityRoutes(parts: IdentityRouteParts): Route[] {
  const { db, keyring, authenticator, change, record } = parts
  return [
    route({
      method: 'GET',
      path: '/v1/identity-providers',
      guard: 'identity:read',
      summary: 'List the OpenID Connect providers people sign in with',
      tag: 'Identity',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) =>
        listBody(await listProviders(db, scope, wishOf(query, ids('idp'))), providerBody, byId),
    }),
    route({
      method: 'POST',
      path: '/v1/identity-providers',
      guard: 'identity:write',
      summary: 'Let people sign in with an OpenID Connect provider; needs an egress rule to it',
      tag: 'Identity',
      status: 201,
      body: z.strictObject({
        name: z.string().trim().min(1).max(100),
        issuer: z.string().max(500),
        client_id: z.string().min(1).max(500),
        client_secret: z.string().min(1).max(500).optional(),
        scopes: z
          .string()
          .max(500)
          .regex(/(^| )openid( |$)/, 'must contain openid')
          .default('openid email profile'),
        groups_claim: z.string().max(200).default('groups'),
        link_by_email: z.boolean().default(false),
      }),
      handler: (incoming) =>
        change(incoming, 'identity_provider.add', async (transaction) => {
          const { body, scope } = incoming
          const added = await addProvider(transaction, keyring, scope, {
            name: body.name,
            issuer: body.issuer,
            clientId: body.client_id,
            clientSecret: body.client_secret,
            scopes: body.scopes,
            groupsClaim: body.groups_claim,
            linkByEmail: body.link_by_email,
          })
          const { issuer, link_by_email } = added
          const subject = { kind: 'identity_provider', id: added.id }
          return { result: providerBody(added), subject, details: { issuer, link_by_email } }
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/identity-providers/{id}',
      guard: 'identity:write',
      summary: 'Remove a provider; sessions that began with it and roles it told of end',
      tag: 'Identity',
      params: idParams,
      handler: async (incoming) => {
        await change(incoming, 'identity_provider.remove', async (transaction) => {
          const { ended, changes } = await removeProvider(
            transaction,
            keyring,
            incoming.scope,
            incoming.params.id,
          )
          await recordRoleChanges(transaction, record, incoming, changes)
          const subject = { kind: 'identity_provider', id: ended.id }
          return { result: null, subject, details: { issuer: ended.issuer } }
        })
        authenticator.forget()
        return null
      },
    }),
    route({
      method: 'GET',
      path: '/v1/group-roles',
      guard: 'identity:read',
      summary: 'Which groups give which role in which workspace',
      tag: 'Identity',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const placeOf = (given: GroupRole) => `${given.workspace_id}/${given.group_name}`
        const page = pageOf(await listGroupRoles(db, scope), placeOf, query, 'asc')
        return listBody(page, groupRoleBody, placeOf)
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/group-roles',
      guard: 'identity:write',
      summary: 'Give the members of a group a role in a workspace, or, with null, take it away',
      tag: 'Identity',
      body: z.strictObject({
        group: groupName,
        workspace: z.string().max(100).optional(),
        role: role.nullable(),
      }),
      handler: async (incoming) => {
        const { scope, body } = incoming
        const workspaceId = body.workspace ?? scope.workspaceId
        const changed = await change(incoming, 'group_role.set', async (transaction) => {
          const wanted = { group: body.group, workspaceId, role: body.role }
          const result = await setGroupRole(transaction, scope, wanted)
          await recordRoleChanges(transaction, record, incoming, result)
          const details = { workspace: workspaceId, role: body.role, members: result.length }
          return { result, subject: { kind: 'group', id: body.group }, details }
        })
        authenticator.forget()
        const { group, role: given } = body
        const members_changed = changed.length
        return { object: 'group_role', group, workspace: workspaceId, role: given, members_changed }
      },
    }),
  ]
}
