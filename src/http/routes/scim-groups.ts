/** Groups of a directory (SCIM 2.0, RFC 7644). What they may do is given by name: see group roles. */
import { z } from 'zod'
import {
  createGroup,
  type DirectoryGroup,
  directoryGroup,
  directoryGroups,
  removeGroup,
  updateGroup,
} from '../../access/identity/directory.ts'
import type { DatabaseTransaction } from '../../store/database.ts'
import { originOf } from '../public-address.ts'
import { type Route, route } from '../route.ts'
import { answer, common, listed, listQuery, patched, shaped } from '../scim/answers.ts'
import { createFollow, type ScimIncoming, type ScimRouteParts } from '../scim/follow.ts'
import { groupFacts, groupResource, groupShape, patchShape } from '../scim/resources.ts'
import { idParams } from '../shapes.ts'

export function scimGroupRoutes(parts: ScimRouteParts): Route[] {
  const { db, change, publicUrl } = parts
  const follow = createFollow(parts)
  const resource = (group: DirectoryGroup, request: Request) =>
    groupResource(group, originOf(request, publicUrl))

  async function changed(
    incoming: ScimIncoming,
    kind: string,
    make: (transaction: DatabaseTransaction) => ReturnType<typeof createGroup>,
  ): Promise<DirectoryGroup> {
    const group = await change(incoming, kind, async (transaction) => {
      const made = await make(transaction)
      await follow.tell(transaction, incoming, made.changes)
      const details = { members: made.group.members.length }
      return { result: made.group, subject: { kind: 'group', id: made.group.id }, details }
    })
    follow.seen()
    return group
  }

  async function update(incoming: ScimIncoming, value: unknown): Promise<Response> {
    const { scope, params, request } = incoming
    const facts = groupFacts(shaped(groupShape, value))
    const group = await changed(incoming, 'directory.update_group', (transaction) =>
      updateGroup(transaction, scope, params.id, facts, new Date()),
    )
    return answer(resource(group, request))
  }

  return [
    route({
      ...common,
      method: 'GET',
      path: '/scim/v2/Groups',
      summary: 'List or find groups (SCIM)',
      query: listQuery,
      handler: async ({ scope, query, request }) => {
        const groups = await directoryGroups(db, scope)
        return listed(
          groups.map((group) => resource(group, request)),
          query,
        )
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/scim/v2/Groups',
      summary: 'Make a group (SCIM)',
      body: z.looseObject({}),
      handler: async (incoming) => {
        const facts = groupFacts(shaped(groupShape, incoming.body))
        const asking = { ...incoming, params: { id: '' } } as ScimIncoming
        const group = await changed(asking, 'directory.create_group', (transaction) =>
          createGroup(transaction, incoming.scope, facts),
        )
        return answer(resource(group, incoming.request), 201)
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/scim/v2/Groups/{id}',
      summary: 'A group (SCIM)',
      params: idParams,
      handler: async ({ scope, params, request }) => {
        return answer(resource(await directoryGroup(db, scope, params.id), request))
      },
    }),
    route({
      ...common,
      method: 'PUT',
      path: '/scim/v2/Groups/{id}',
      summary: 'Replace a group (SCIM)',
      params: idParams,
      body: z.looseObject({}),
      handler: (incoming) => update(incoming, incoming.body),
    }),
    route({
      ...common,
      method: 'PATCH',
      path: '/scim/v2/Groups/{id}',
      summary: 'Change a group (SCIM)',
      params: idParams,
      body: z.looseObject({}),
      handler: async (incoming) => {
        const { scope, params, request } = incoming
        const body = shaped(patchShape, incoming.body)
        const group = await directoryGroup(db, scope, params.id)
        return update(incoming, patched(resource(group, request), body))
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/scim/v2/Groups/{id}',
      summary: 'Remove a group (SCIM)',
      params: idParams,
      handler: async (incoming) => {
        await changed(incoming, 'directory.remove_group', (transaction) =>
          removeGroup(transaction, incoming.scope, incoming.params.id),
        )
        return null
      },
    }),
  ]
}
